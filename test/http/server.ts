/** Starts an app on a free port, and talks to it byte by byte. */
import { connect, type Socket } from 'node:net';
import { createApp } from '../../server/app.ts';
import type { App, AppDeps } from '../../server/app-contract.ts';
import type { Options } from '../../server/options.ts';

export interface Running {
  app: App;
  url: string;
  port: number;
}

/** An app that listens on a free port, with one table `orders` unless `create` is off. */
export async function start(
  options: Partial<Options> = {},
  deps: Partial<AppDeps> = {},
): Promise<Running> {
  const app = createApp({ grace: 200, ...options }, deps);
  const { url, port } = await app.listen(0);
  return { app, url, port };
}

/** Runs `body` with an app and closes it, whatever happens. */
export async function withApp(
  options: Partial<Options>,
  body: (running: Running) => Promise<void>,
  deps: Partial<AppDeps> = {},
): Promise<void> {
  const running = await start(options, deps);
  try {
    await body(running);
  } finally {
    await running.app.close();
  }
}

/** Sends bytes and gives all that comes back until the server closes. */
export function exchange(port: number, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
    socket.write(bytes);
  });
}

/** One request by hand, `Connection: close`; gives status, headers in small letters, and body. */
export async function request(
  port: number,
  requestLine: string,
  headers: Record<string, string> = {},
  body = '',
): Promise<{ status: number; headers: Map<string, string>; body: string }> {
  const all = { Host: `127.0.0.1:${port}`, Connection: 'close', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const text = await exchange(port, `${requestLine} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
  return parse(text);
}

/** Takes a whole HTTP/1.1 answer apart; a chunked body stays as it is. */
export function parse(text: string): {
  status: number;
  headers: Map<string, string>;
  body: string;
} {
  const end = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { status: Number(statusLine.split(' ')[1]), headers, body: text.slice(end + 4) };
}

/**
 * Opens a stream and holds it by its socket until that is destroyed. (A `fetch` whose response
 * nobody holds is cancelled by the garbage collector.) Resolves when `until` has come.
 */
export function openStream(port: number, path: string, until = '\nid: '): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed after ${text}`)));
    socket.on('data', (chunk) => {
      text += chunk;
      if (text.includes(until)) resolve(socket);
    });
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  });
}

/** Reads a stream until `done` says so of what has come, then leaves. */
export async function readStream(
  url: string,
  done: (text: string) => boolean,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; text: string }> {
  const leave = new AbortController();
  const response = await fetch(url, {
    headers: { Accept: 'text/event-stream, application/json', ...headers },
    signal: leave.signal,
  });
  let text = '';
  if (response.body !== null) {
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (done(text)) break;
    }
  }
  leave.abort();
  return { status: response.status, headers: response.headers, text };
}
