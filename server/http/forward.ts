/**
 * Forwards requests that this process cannot answer to the one that can, over a private local socket,
 * streaming both ways at the pace of the slower side.
 *
 * @see SPEC 9 "--workers N"
 */
import { Agent, type ClientRequest, type IncomingMessage, request as send } from 'node:http';
import { SseTableError } from '../base/errors.ts';
import { addressOf } from './exchange.ts';
import {
  breakOff,
  closingHeaders,
  type HttpRequest,
  type HttpResponse,
  hasBody,
  hostOf,
  isGone,
} from './message.ts';
import { isWaiting } from './respond.ts';

/** Whose request it is. Believed only where it comes over the private socket. */
const CLIENT_HEADER = 'x-sse-table-client';

/** About one connection, not about what it carries. @see RFC 9110, 7.6.1 */
const HOP_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** These change nothing, so that nobody waits to see what they did. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface ForwarderOptions {
  /** The socket of the process that answers. */
  path: string;
  /** Resolves when this process shows what the other one has done. */
  reach: () => Promise<void>;
}

/** Passes requests on, and answers back. */
export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(options: ForwarderOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the answer has ended. After a write it begins once a read at this process shows it.
   * @throws {SseTableError} `overloaded` when nobody answers.
   */
  async forward(request: HttpRequest, response: HttpResponse, address: string): Promise<void> {
    const method = request.method ?? 'GET';
    const onward = send({
      socketPath: this.#options.path,
      agent: this.#agent,
      method,
      path: request.url,
      headers: onwardHeaders(request, address),
    });
    const onGone = (): void => void onward.destroy();
    response.once('close', onGone);
    sendBody(request, response, onward);
    const answer = await answerOf(onward);
    if (!SAFE_METHODS.has(method)) await this.#options.reach();
    if (isGone(response)) return;
    copyHead(answer, response);
    await copyBody(answer, response);
    response.removeListener('close', onGone);
  }

  /** Lets go of idle connections. */
  close(): void {
    this.#agent.destroy();
  }
}

/** Whose request it is that has come over the private socket. */
export function forwardedAddressOf(request: HttpRequest): string {
  const address = request.headers[CLIENT_HEADER];
  return typeof address === 'string' ? address : addressOf(request);
}

function onwardHeaders(request: HttpRequest, address: string): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined || name.startsWith(':') || HOP_HEADERS.has(name)) continue;
    headers[name] = value;
  }
  const host = hostOf(request);
  if (host !== undefined) headers.host = host;
  headers[CLIENT_HEADER] = address;
  if (hasBody(request) && headers['content-length'] === undefined) {
    headers['transfer-encoding'] = 'chunked';
  }
  return headers;
}

function sendBody(request: HttpRequest, response: HttpResponse, onward: ClientRequest): void {
  if (!hasBody(request)) {
    onward.end();
  } else if (isWaiting(request)) {
    onward.once('continue', () => {
      response.writeContinue();
      request.pipe(onward);
    });
    onward.flushHeaders();
  } else {
    request.pipe(onward);
  }
  // A body that is cut off is never whole at the other end either.
  request.once('error', () => onward.destroy());
}

function answerOf(onward: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    onward.once('response', resolve);
    onward.on('error', (cause) => {
      const message = 'the process that keeps the tables does not answer; try again soon';
      reject(new SseTableError('overloaded', message, { cause }));
    });
  });
}

function copyHead({ statusCode = 502, headers }: IncomingMessage, response: HttpResponse): void {
  // It has not read the whole body, and neither will this process.
  const isClosing = headers.connection === 'close';
  const copied: Record<string, string> = isClosing ? closingHeaders(response) : {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || HOP_HEADERS.has(name)) continue;
    copied[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  // What goes with every answer goes with that one already.
  response.writeHead(statusCode, copied);
}

/** Resolves when the answer has ended, whole or not. */
function copyBody(answer: IncomingMessage, response: HttpResponse): Promise<void> {
  return new Promise((resolve) => {
    answer.on('data', (chunk: Buffer) => {
      if (!response.write(chunk)) answer.pause();
    });
    response.on('drain', () => answer.resume());
    answer.once('end', () => response.end());
    answer.once('error', () => breakOff(response));
    answer.once('close', resolve);
  });
}
