/**
 * Request bodies: whole and bounded, or chunk by chunk with back pressure.
 *
 * @see SPEC 7 "body", 10 "Slow requests"
 */
import type { Cancel, Clock } from '../base/clock.ts';
import { SseTableError } from '../base/errors.ts';
import { parseJson } from '../base/json.ts';
import type { Answerable } from './head.ts';
import { type HttpRequest, hasBody } from './message.ts';
import { isWaiting } from './respond.ts';

/** A body may take as long as it likes, but a client that sends nothing for this long has gone. */
export const BODY_STALL_MS = 30_000;

/** Keeps nothing between two calls. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

export interface BodyOptions {
  clock: Clock;
  /** Bytes of a body that is read whole. */
  maxBodyBytes: number;
}

/**
 * The media type in small letters, without parameters; '' when none was sent.
 * @throws {SseTableError} `unsupported_media_type` for another charset than UTF-8, or a coding.
 */
export function mediaTypeOf({ headers }: HttpRequest): string {
  const coding = headers['content-encoding']?.toLowerCase() ?? 'identity';
  if (coding !== 'identity') {
    throw new SseTableError(
      'unsupported_media_type',
      `Content-Encoding "${coding}" is not understood; send the body as it is`,
    );
  }
  const sent = headers['content-type'] ?? '';
  if (!sent.includes(';')) return sent.trim().toLowerCase();
  const [type = '', ...parameters] = sent.split(';');
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=');
    if (name.trim().toLowerCase() !== 'charset') continue;
    const charset = value.trim().replace(/^"(.*)"$/, '$1');
    if (!/^(utf-?8|us-ascii)$/i.test(charset)) {
      throw new SseTableError(
        'unsupported_media_type',
        `charset "${charset}" is not understood; send UTF-8`,
      );
    }
  }
  return type.trim().toLowerCase();
}

/** Whether a media type is JSON. */
export function isJson(mediaType: string): boolean {
  return mediaType === 'application/json';
}

/** Refuses a Content-Type, saying which are fine. */
export function unsupported(mediaType: string, fine: string): SseTableError {
  const sent = mediaType === '' ? 'no Content-Type' : `Content-Type "${mediaType}"`;
  return new SseTableError('unsupported_media_type', `${sent} was sent; send ${fine}`);
}

/**
 * Reads a JSON body.
 * @returns undefined when the body is empty.
 * @throws {SseTableError} `unsupported_media_type`, `body_too_large`, `bad_json`, `bad_row`.
 */
export async function readJson(exchange: Answerable, options: BodyOptions): Promise<unknown> {
  const { request } = exchange;
  if (!hasBody(request)) return undefined;
  const mediaType = mediaTypeOf(request);
  if (!isJson(mediaType)) throw unsupported(mediaType, 'application/json');
  const body = await readBody(exchange, options);
  return body.length === 0 ? undefined : parseJson(decodeUtf8(body));
}

/**
 * Reads a whole body.
 * @throws {SseTableError} `body_too_large`, `request_timeout`.
 */
export function readBody(exchange: Answerable, options: BodyOptions): Promise<Buffer> {
  const { clock, maxBodyBytes } = options;
  const { request } = exchange;
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) {
    return Promise.reject(tooLarge(maxBodyBytes));
  }
  askForBody(exchange);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let cancel: Cancel = () => undefined;
    // Most bodies come with their headers: then there is nothing to wait for, and no timer.
    const waitOn = (): void => {
      cancel();
      if (!request.complete) cancel = clock.after(BODY_STALL_MS, () => fail(stalled()));
    };
    queueMicrotask(waitOn);
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > maxBodyBytes) {
        fail(tooLarge(maxBodyBytes));
        return;
      }
      chunks.push(chunk);
      waitOn();
    };
    const fail = (error: Error): void => {
      cancel();
      request.off('data', onData);
      reject(error);
    };
    request.on('data', onData);
    request.once('end', () => {
      cancel();
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
    });
    // Stays: a later read error of a request that is done with is no news.
    request.on('error', fail);
    request.once('close', () => {
      // An HTTP/2 request that is cut off ends too, but closes before that.
      if (!request.readableEnded) fail(brokenOff());
    });
  });
}

/**
 * The body as it comes: the next chunk is read only when it is asked for, which is the back
 * pressure. Asks the client to go on where it waits for `100 Continue`.
 * @throws {SseTableError} `request_timeout` after BODY_STALL_MS without a byte.
 */
export async function* bodyChunks(
  exchange: Answerable,
  clock: Clock,
): AsyncGenerator<Buffer, void> {
  const { request } = exchange;
  askForBody(exchange);
  let wake: () => void = () => undefined;
  let failure: Error | undefined;
  const onProgress = (): void => wake();
  const onError = (error: Error): void => {
    failure = error;
    wake();
  };
  const onClose = (): void => {
    // An HTTP/2 request that is cut off ends too, but closes before that.
    if (!request.readableEnded) failure ??= brokenOff();
    wake();
  };
  request.on('readable', onProgress);
  request.on('end', onProgress);
  request.on('error', onError);
  request.on('close', onClose);
  try {
    while (true) {
      const chunk: Buffer | null = request.read();
      if (chunk !== null) {
        yield chunk;
        continue;
      }
      if (request.readableEnded) return;
      if (failure !== undefined) throw failure;
      await new Promise<void>((resolve) => {
        const cancel = clock.after(BODY_STALL_MS, () => {
          failure = stalled();
          resolve();
        });
        wake = () => {
          cancel();
          resolve();
        };
      });
    }
  } finally {
    request.off('readable', onProgress);
    request.off('end', onProgress);
    request.off('close', onClose);
    // The error listener stays: a later read error of a request that is done with is no news.
  }
}

/** A client that waits for `100 Continue` is told to go on. */
function askForBody({ request, response }: Answerable): void {
  if (!isWaiting(request)) return;
  response.writeContinue();
  request.headers.expect = undefined; // it is met
}

/** @throws {SseTableError} `bad_json` for bytes that are not UTF-8. */
function decodeUtf8(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch (error) {
    throw new SseTableError('bad_json', 'the body is not UTF-8', { cause: error });
  }
}

function tooLarge(maxBodyBytes: number): SseTableError {
  return new SseTableError(
    'body_too_large',
    `a JSON body may have at most ${maxBodyBytes} bytes; send NDJSON or CSV, which may be of any length`,
  );
}

function brokenOff(): SseTableError {
  return new SseTableError('bad_request', 'the body broke off');
}

function stalled(): SseTableError {
  return new SseTableError(
    'request_timeout',
    `no byte of the body came for ${BODY_STALL_MS / 1_000} seconds`,
  );
}
