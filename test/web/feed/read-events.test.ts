/**
 * readEvents: what it leaves to others while a snapshot comes in.
 *
 * @see FRONTEND 2
 */
import * as assert from 'uvu/assert';
import { readEvents } from '../../../web/feed/read-events.ts';
import { suite } from '../../suite.ts';

const test = suite('readEvents');

/** What happens, in order, while two pieces of so many bytes are read that are both there. */
async function read(bytes: number): Promise<string[]> {
  const order: string[] = [];
  const piece = `data: ${JSON.stringify({ type: 'heartbeat', version: 'x'.repeat(bytes) })}\n\n`;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let count = 0; count < 2; count++) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });
  const { port1, port2 } = new MessageChannel();
  const posted = new Promise<void>((resolve) => {
    port1.onmessage = () => {
      order.push('others');
      port1.close();
      resolve();
    };
  });
  await readEvents(body, {
    onBytes: () => undefined,
    onRetry: () => undefined,
    onEvent(event) {
      if (order.length === 0) port2.postMessage(0);
      order.push(event.type);
    },
  });
  await posted;
  return order;
}

test('a large piece: others have their turn before the next', async () => {
  assert.equal(await read(100_000), ['heartbeat', 'others', 'heartbeat']);
});

test('small pieces: are read in one go', async () => {
  assert.equal(await read(100), ['heartbeat', 'heartbeat', 'others']);
});
