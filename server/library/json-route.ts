/**
 * JSON routes of a program: a handler's result is the answer.
 *
 * @see SPEC 4 "methods get post put patch delete for JSON"
 */
import { type BodyOptions, readJson } from '../http/body.ts';
import type { Exchange } from '../http/exchange.ts';
import { writeHead } from '../http/head.ts';
import { sendEmpty } from '../http/respond.ts';
import type { Route } from '../http/router.ts';
import { type Asked, askedOf } from './asked.ts';
import { copyJson } from './copy-json.ts';
import type { Pattern } from './pattern.ts';

/** A promise is an object too, and would hide what it resolves to. */
type NoPromise = object & { then?: never };

/** What a handler may answer: anything JSON has, nothing (204), or a Response with status and headers. */
// biome-ignore lint/suspicious/noConfusingVoidType: what a handler without `return` gives
export type Answer = NoPromise | string | number | boolean | null | undefined | void;

/** What a handler of a JSON route is given. */
export interface JsonAsked<Path extends string> extends Asked<Path> {
  /**
   * The body, read and parsed when it is asked for; undefined where there is none.
   * Throws what becomes 400, 413 or 415.
   */
  json(): Promise<unknown>;
}

export type JsonHandler<Path extends string> = (asked: JsonAsked<Path>) => Answer | Promise<Answer>;

/** Makes the route. An `SseTableError` thrown becomes its status; any other error is a 500 and logged. */
export function jsonRoute<Path extends Pattern>(
  method: Route['method'],
  pattern: Path,
  handler: JsonHandler<Path>,
  { body, permission }: { body: BodyOptions; permission: Route['permission'] },
): Route {
  return {
    method,
    pattern,
    permission,
    async handle(exchange) {
      const json = (): Promise<unknown> => readJson(exchange, body);
      await send(exchange, await handler({ ...askedOf<Path>(exchange), json }));
    },
  };
}

async function send(exchange: Exchange, answer: Answer): Promise<void> {
  if (answer === undefined) {
    sendEmpty(exchange, 204);
  } else if (answer instanceof Response) {
    const body = Buffer.from(await answer.arrayBuffer());
    sendWhole(exchange, answer.status, Object.fromEntries(answer.headers), body);
  } else {
    const json = JSON.stringify(copyJson(answer, 'the result'));
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    sendWhole(exchange, 200, headers, Buffer.from(json));
  }
}

function sendWhole(
  exchange: Exchange,
  status: number,
  headers: Record<string, string>,
  body: Buffer,
): void {
  const hasBody = status !== 204 && status !== 304;
  writeHead(
    exchange,
    status,
    hasBody ? { ...headers, 'content-length': String(body.length) } : headers,
  );
  exchange.response.end(hasBody ? body : undefined);
}
