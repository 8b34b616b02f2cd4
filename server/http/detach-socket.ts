/**
 * Takes a socket away from node:http once a response's head is out, so that parser, request and
 * response need not live as long as the stream: they are most of what an idle connection costs.
 *
 * This touches undocumented parts of Node: the parser is let go as Node itself does for an upgrade.
 * Each part is looked for first; where one is missing, nothing is touched and the stream works all
 * the same.
 *
 * @see DESIGN 4 "Memory per idle connection"
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The undocumented class HTTPParser of node:http. */
interface Parser {
  unconsume(): void;
  remove(): void;
  close(): void;
}

/** Events to which node:http listens on a socket. */
const EVENTS = ['data', 'end', 'close', 'drain', 'error', 'timeout', 'resume', 'pause'] as const;

/** What node:http hangs on a socket: methods that look after the parser. */
const SOCKET_OVERRIDES = ['on', 'addListener', 'prependListener', 'setEncoding'] as const;

/** What a parser holds on to. */
const PARSER_REFERENCES = ['socket', 'incoming', 'outgoing', 'onIncoming'] as const;

/**
 * Prepares to let go of parser, request and response. Call it before adding listeners to the socket.
 * @returns does it; to be called outside the parser's own callback, in which a request handler runs.
 * It answers false where this Node does not allow it: node:http then stays attached until the end.
 */
export function prepareDetach(
  request: IncomingMessage,
  response: ServerResponse,
  socket: Socket,
): () => boolean {
  const theirs = EVENTS.map((event) => ({ event, listeners: socket.rawListeners(event) }));
  return () => {
    const parser: unknown = Reflect.get(socket, 'parser');
    if (!isParser(parser) || typeof response.detachSocket !== 'function') return false;
    response.detachSocket(socket);
    const prototype: object = Object.getPrototypeOf(socket);
    // Set, not deleted: deleting makes V8 keep the socket's properties in a table of 3.3 KB.
    for (const name of SOCKET_OVERRIDES) Reflect.set(socket, name, Reflect.get(prototype, name));
    for (const { event, listeners } of theirs) {
      for (const listener of listeners) socket.removeListener(event, listener as () => void);
    }
    parser.unconsume();
    parser.remove();
    for (const name of PARSER_REFERENCES) Reflect.set(parser, name, null);
    Reflect.set(socket, 'parser', null);
    Reflect.set(request, 'parser', null);
    parser.close();
    return true;
  };
}

function isParser(value: unknown): value is Parser {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['unconsume', 'remove', 'close'].every((name) => typeof Reflect.get(value, name) === 'function')
  );
}
