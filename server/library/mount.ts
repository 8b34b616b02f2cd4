/**
 * Mounting into a node:http server that is there already, or whatever is built on one: the app
 * answers what it has a route for, the server's own listeners all else.
 *
 * @see SPEC 4 "mountable into an existing node:http server"
 */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { HttpRequest, HttpResponse } from '../http/message.ts';

/** Answers a request, or calls `next` where there is no route for it. */
export type Handle = (request: HttpRequest, response: HttpResponse, next?: () => void) => void;

/**
 * Puts `handle` before the listeners that `server` has now.
 * @param prefix `/live`: routes are below it, and nothing else is looked at.
 * @returns the undo.
 * @throws {TypeError} for a prefix that does not begin with a slash, or ends with one.
 */
export function mount(server: Server, handle: Handle, prefix: string): () => void {
  if (prefix !== '' && (!prefix.startsWith('/') || prefix.endsWith('/'))) {
    throw new TypeError(`the prefix ${JSON.stringify(prefix)} must look like "/live"`);
  }
  const theirs = server.listeners('request') as RequestListener[]; // that is what they are
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const url = request.url ?? '/';
    const next = (): void => {
      request.url = url;
      for (const listener of theirs) listener.call(server, request, response);
    };
    if (prefix !== '') {
      if (!url.startsWith(`${prefix}/`)) {
        next();
        return;
      }
      request.url = url.slice(prefix.length);
    }
    handle(request, response, theirs.length === 0 ? undefined : next);
  };
  for (const listener of theirs) server.off('request', listener);
  server.on('request', onRequest);
  return () => {
    server.off('request', onRequest);
    for (const listener of theirs) server.on('request', listener);
  };
}
