/** An HTTP/2 client on node:http2 for tests: requests, and streams that apply what they read. */
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { createGunzip } from 'node:zlib';
import { createParser } from 'eventsource-parser';
import { ModelRows } from '../stream/model-client.ts';

/** A certificate for localhost that nobody has signed, valid for a hundred years, and its key. */
export const CERTIFICATE = {
  cert: join(import.meta.dirname, 'fixtures/localhost.pem'),
  certKey: join(import.meta.dirname, 'fixtures/localhost-key.pem'),
};

export interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

/** Connects; the certificate is not checked. Errors of the connection end in `close`. */
export function connectHttp2(url: string): Promise<ClientHttp2Session> {
  return new Promise((resolve, reject) => {
    const session = connect(url, { rejectUnauthorized: false });
    session.once('error', reject);
    session.once('remoteSettings', () => {
      session.off('error', reject);
      session.on('error', () => {});
      resolve(session);
    });
  });
}

/** One request and its whole answer. Rejects when the stream is reset. */
export function ask(
  session: ClientHttp2Session,
  headers: Record<string, string>,
  body?: string | Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: body === undefined });
    const answer: Answer = { status: 0, headers: {}, body: '' };
    stream.setEncoding('utf8');
    stream.on('response', ({ ':status': status = 0, ...rest }) => {
      answer.status = status;
      answer.headers = rest;
    });
    stream.on('data', (chunk: string) => {
      answer.body += chunk;
    });
    let hasEnded = false;
    stream.on('end', () => {
      hasEnded = true;
    });
    stream.on('error', reject);
    stream.on('close', () => {
      if (hasEnded && stream.rstCode === 0) resolve(answer);
      else reject(new Error(`reset with ${stream.rstCode}`));
    });
    if (body !== undefined) stream.end(body);
  });
}

/** A client of one event stream, which can stop reading, leave and come back. */
export class Http2StreamClient {
  readonly model = new ModelRows('id');
  stream: ClientHttp2Stream | undefined;
  /** Bytes as they came. */
  bytes = 0;
  isClosed = false;
  readonly #path: string;
  readonly #gzip: boolean;

  constructor(path: string, gzip: boolean) {
    this.#path = path;
    this.#gzip = gzip;
  }

  connect(session: ClientHttp2Session): void {
    const { lastEventId } = this.model;
    const stream = session.request({
      ':path': this.#path,
      ...(this.#gzip && { 'accept-encoding': 'gzip' }),
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    });
    this.stream = stream;
    this.isClosed = false;
    const parser = createParser({
      onEvent: ({ data, id }) => this.model.take(JSON.parse(data), id),
      onError: (error) => {
        throw error;
      },
    });
    const decoder = new TextDecoder();
    const gunzip = this.#gzip ? createGunzip() : undefined;
    const onPlain = (bytes: Buffer): void => {
      // What is still being unzipped of an earlier stream is lost with it.
      if (this.stream === stream) parser.feed(decoder.decode(bytes, { stream: true }));
    };
    // A stream that is cut ends without its trailer; nothing else may be wrong with it.
    gunzip?.on('data', onPlain).on('error', () => {});
    stream.on('data', (bytes: Buffer) => {
      this.bytes += bytes.length;
      if (gunzip === undefined) onPlain(bytes);
      else gunzip.write(bytes);
    });
    stream.on('error', () => {});
    stream.on('close', () => {
      if (this.stream === stream) this.isClosed = true;
    });
  }
}

/** HTTP/2 frame by frame, for what a real client does not do. It answers nothing. */
export class RawHttp2 {
  readonly socket: TLSSocket;

  constructor(port: number) {
    this.socket = connectTls({ port, ALPNProtocols: ['h2'], rejectUnauthorized: false });
    this.socket.on('error', () => {});
    this.socket.resume();
    this.socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    this.frame(FRAME.settings, 0, 0, '');
  }

  /** HEADERS of a request to localhost; literals without indexing. @see RFC 7541, 6.2.2 */
  request(stream: number, fields: Record<string, string>, isLast: boolean): void {
    const all = { ':scheme': 'https', ':authority': 'localhost', ...fields };
    const text = (part: string) => String.fromCharCode(part.length) + part;
    const block = Object.entries(all).map(([name, value]) => `\0${text(name)}${text(value)}`);
    this.frame(FRAME.headers, isLast ? 5 : 4, stream, block.join(''));
  }

  frame(type: number, flags: number, stream: number, payload: string): void {
    const head = Buffer.from([0, 0, payload.length, type, flags, 0, 0, 0, stream]);
    this.socket.write(Buffer.concat([head, Buffer.from(payload, 'latin1')]));
  }
}

/** Types of frames. @see RFC 9113, 6 */
export const FRAME = { data: 0, headers: 1, reset: 3, settings: 4 } as const;
