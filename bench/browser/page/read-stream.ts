/**
 * Feeds a grid from the stream: read and parsed by the very code that the element uses, so that grids
 * differ in nothing but what they make of it.
 */
import type { StreamEvent } from '../../../server/wire/event.ts';
import { readEvents } from '../../../web/feed/read-events.ts';
import type { FedGrid } from './grid.ts';

/** Connects `grid`. */
export async function readStream(src: string, grid: FedGrid): Promise<void> {
  const { body } = await fetch(src);
  if (body === null) throw new TypeError(`${src} has no body`);
  await readEvents(body, {
    onBytes: () => undefined,
    onRetry: () => undefined,
    onEvent: (event) => feed(grid, event),
  });
}

function feed(grid: FedGrid, event: StreamEvent): void {
  switch (event.type) {
    case 'init':
      grid.load(event.data);
      if (!event.more) grid.finish();
      break;
    case 'rows':
      grid.append(event.data);
      break;
    case 'ready':
      grid.finish();
      break;
    case 'batch':
      grid.apply(event.changes);
      break;
    case 'add':
    case 'update':
    case 'delete':
      grid.apply([event]);
      break;
    case 'sync':
      // Whole rows of a client that fell behind; new ones are not told apart here.
      grid.apply(event.data.map((data) => ({ type: 'update', data })));
      grid.apply(event.deleted.map((id) => ({ type: 'delete', data: { id } })));
      break;
    default:
  }
}
