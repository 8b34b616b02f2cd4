/**
 * The head of an answer: what is said of every one, and what this one adds.
 *
 * @see SPEC 8 "Headers"; RFC 9110, 12.5.5
 */
import type { HttpRequest, HttpResponse } from './message.ts';

export type Headers = Readonly<Record<string, string>>;

/** Said of every answer. */
export const SECURITY_HEADERS: Headers = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** The two halves of an exchange, as far as an answer needs them. */
export interface Answerable {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  /** What goes with the answer, whatever it is. */
  readonly headers: Headers;
}

/**
 * Writes status and headers in one go: node:http is several times as slow with headers set one by one.
 * @param own win over those that go with any answer; but `Vary` names what both depend on.
 */
export function writeHead(
  { response, headers }: Answerable,
  status: number,
  own: Headers = {},
): void {
  const all: Record<string, string> = { ...headers, ...own };
  if (headers.Vary !== undefined && own.Vary !== undefined) {
    all.Vary = `${headers.Vary}, ${own.Vary}`;
  }
  response.writeHead(status, all);
}
