/**
 * Uploads: begun by a POST, sent by a PUT, watched, downloaded.
 *
 * @see SPEC 3.5
 */
import type { Clock } from '../../base/clock.ts';
import { SseTableError } from '../../base/errors.ts';
import type { Channels } from '../../stream/channels.ts';
import { GONE_ID } from '../../wire/event-id.ts';
import { attachment } from '../attachment.ts';
import { bodyChunks, readJson } from '../body.ts';
import { drained } from '../drained.ts';
import { type Exchange, param } from '../exchange.ts';
import { writeHead } from '../head.ts';
import { isGone } from '../message.ts';
import { type ByteRange, parseRange } from '../range.ts';
import { sendCreated, sendEmpty, sendSuccess } from '../respond.ts';
import type { Route } from '../router.ts';
import { lastEventIdOf, type StreamDoor } from '../serve-stream.ts';
import { safeFilename } from '../uploads/filename.ts';
import type { Upload } from '../uploads/upload.ts';
import type { Uploads } from '../uploads/uploads.ts';

/** A watcher is sent home after it, and may come again. */
const WATCH_MS = 300_000;

/** Read of a file at a time. */
const CHUNK_BYTES = 256 * 1_024;

/** What permissions are for, as if it were a table: `sse:write:uploads`. */
const SUBJECT = 'uploads';

export interface UploadRoutesDeps {
  clock: Clock;
  uploads: Uploads;
  channels: Channels;
  door: StreamDoor;
  readOnly: boolean;
  maxBodyBytes: number;
  stallTimeoutMs: number;
}

export function uploadRoutes(deps: UploadRoutesDeps): Route[] {
  const { clock, uploads, channels, door, readOnly, stallTimeoutMs } = deps;
  const watchers = channels.generate({
    heartbeatMs: undefined,
    timeoutMs: WATCH_MS,
    restart: false,
    onFailure: () => undefined,
  });

  async function create(exchange: Exchange): Promise<void> {
    checkWritable();
    const { filename, size } = readRequest(await readJson(exchange, deps));
    const { id, downloadUrl } = await uploads.create(filename, size);
    sendCreated(exchange, {
      session_id: id,
      filename,
      upload_url: `/api/uploads/${id}`,
      progress_url: `/api/progress/${id}`,
      download_url: downloadUrl,
    });
  }

  async function put(exchange: Exchange): Promise<void> {
    checkWritable();
    const upload = await uploads.require(param(exchange, 'upload'));
    const length = exchange.request.headers['content-length'];
    const announced = length === undefined ? undefined : Number(length);
    await uploads.write(upload, announced, bodyChunks(exchange, clock));
    const { filename, bytes, downloadUrl } = upload;
    sendSuccess(exchange, { filename, file_size: bytes, download_url: downloadUrl });
  }

  async function watch(exchange: Exchange): Promise<void> {
    if (lastEventIdOf(exchange.request, exchange.query) === GONE_ID) {
      door.check(exchange.request);
      sendEmpty(exchange, 204);
      return;
    }
    const upload = await uploads.require(param(exchange, 'upload'));
    await door.serve(exchange, () => ({
      offersGzip: false,
      join: (sink, join) => watchers.join(sink, join, (signal) => eventsOf(upload, signal)),
      leave: (run) => watchers.leave(run),
    }));
  }

  async function download(exchange: Exchange): Promise<void> {
    const upload = await uploads.require(param(exchange, 'upload'));
    await using file = await uploads.open(upload);
    const { headers, method } = exchange.request;
    const etag = `"${upload.id}"`;
    const wanted = (headers['if-range'] ?? etag) === etag ? headers.range : undefined;
    const range = parseRange(wanted, upload.bytes);
    const { first, last } = range ?? { first: 0, last: upload.bytes - 1 };
    writeHead(exchange, range === undefined ? 200 : 206, {
      ...headersOf(upload, range),
      'Content-Length': String(last - first + 1),
      ETag: etag,
    });
    const { response } = exchange;
    if (method !== 'HEAD' && last >= first) {
      const chunks = file.createReadStream({
        start: first,
        end: last,
        highWaterMark: CHUNK_BYTES,
        autoClose: false,
      });
      for await (const chunk of chunks) {
        if (isGone(response)) return;
        if (!response.write(chunk)) await drained(exchange, clock, stallTimeoutMs);
      }
    }
    response.end();
  }

  async function remove(exchange: Exchange): Promise<void> {
    checkWritable();
    await uploads.delete(await uploads.require(param(exchange, 'upload')));
    sendSuccess(exchange, {});
  }

  function checkWritable(): void {
    if (readOnly) throw new SseTableError('read_only', 'this server is read-only (--read-only)');
  }

  const write = { permission: 'sse:write', table: SUBJECT } as const;
  const read = { permission: 'sse:read', table: SUBJECT } as const;
  return [
    { method: 'POST', pattern: '/api/uploads', ...write, handle: create },
    { method: 'PUT', pattern: '/api/uploads/:upload', ...write, handle: put },
    { method: 'DELETE', pattern: '/api/uploads/:upload', ...write, handle: remove },
    { method: 'GET', pattern: '/api/progress/:upload', ...read, handle: watch },
    { method: 'GET', pattern: '/api/download/:upload', ...read, handle: download },
  ];
}

/** The last one has the id with which nobody comes back. */
async function* eventsOf(upload: Upload, signal: AbortSignal): AsyncGenerator<unknown> {
  for await (const event of upload.watch(signal)) {
    yield event.type === 'completed' ? { id: GONE_ID, data: event } : event;
  }
}

function headersOf(
  { filename, bytes }: Upload,
  range: ByteRange | undefined,
): Record<string, string> {
  return {
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': attachment(filename),
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'private, no-cache',
    ...(range && { 'Content-Range': `bytes ${range.first}-${range.last}/${bytes}` }),
  };
}

/** @throws {SseTableError} `bad_request` naming the member and the fix. */
function readRequest(body: unknown): { filename: string; size: number | undefined } {
  const isObject = typeof body === 'object' && body !== null;
  const filename = isObject && 'filename' in body ? body.filename : undefined;
  const size = isObject && 'size' in body ? (body.size ?? undefined) : undefined;
  if (typeof filename !== 'string' || filename === '') {
    throw new SseTableError('bad_request', 'filename is missing; send {"filename": "photo.jpg"}');
  }
  if (size === undefined || (Number.isSafeInteger(size) && Number(size) >= 0)) {
    return { filename: safeFilename(filename), size: size === undefined ? size : Number(size) };
  }
  const shown = JSON.stringify(size).slice(0, 40);
  throw new SseTableError('bad_request', `size is ${shown}; give bytes as a whole number`);
}
