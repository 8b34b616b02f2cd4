/**
 * What a tool is pointed at: the URL of a stream, and the headers to send along.
 *
 * @see SPEC 3.2
 */
import manifest from '../../../package.json' with { type: 'json' };
import { SseTableError } from '../../base/errors.ts';

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/** RFC 9110: a header's name is a token; its value has no control characters but the tab. */
const HEADER = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*((?:\P{Cc}|\t)*)$/u;

/** Where to connect, and what to ask for. */
export interface Target {
  url: URL;
  isSecure: boolean;
  /** Without the brackets of an IPv6 address. */
  host: string;
  port: number;
  /** Sent with each request, `Authorization` from the URL included. */
  headers: readonly Header[];
}

export type Header = readonly [name: string, value: string];

/**
 * Reads the URL and the `--header`s of a command line.
 * @throws {SseTableError} `bad_option`.
 */
export function readTarget(text: string, headers: readonly string[]): Target {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const port = DEFAULT_PORTS[url?.protocol ?? ''];
  if (url === undefined || port === undefined) {
    const guess = `http://${text.replace(/^\w*:?\/\//, '')}`;
    const fix = URL.canParse(guess) ? `; try ${guess}` : '';
    throw new SseTableError('bad_option', `"${text}" is not an http or https URL${fix}`);
  }
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const isGiven = url.username !== '' || url.password !== '';
  return {
    url,
    isSecure: url.protocol === 'https:',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || port),
    headers: [
      ...(isGiven ? [['Authorization', `Basic ${btoa(credentials)}`] as const] : []),
      ...headers.map(readHeader),
    ],
  };
}

/** The address for people: without user and password. */
export function shownUrl({ url }: Target): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  return shown.href;
}

function readHeader(text: string): Header {
  const [, name, value] = HEADER.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new SseTableError(
      'bad_option',
      `--header ${JSON.stringify(text)} is not a header; try --header 'Authorization: Bearer …'`,
    );
  }
  return [name, value.trimEnd()];
}

export interface RequestParts {
  method?: string;
  version?: '1.0' | '1.1';
  /** Beside the target's; one of the same name replaces it. */
  headers?: readonly Header[];
}

/** The text of a request for the stream. */
export function requestText(target: Target, parts: RequestParts = {}): string {
  const { method = 'GET', version = '1.1', headers = [] } = parts;
  const { url } = target;
  const all: readonly Header[] = [
    ['Host', url.host],
    ['User-Agent', `sse-table/${manifest.version}`],
    ['Accept', 'text/event-stream'],
    ...target.headers,
    ...headers,
  ];
  const byName = new Map(all.map((header) => [header[0].toLowerCase(), header]));
  const lines = Array.from(byName.values(), ([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${url.pathname}${url.search} HTTP/${version}\r\n${lines.join('')}\r\n`;
}
