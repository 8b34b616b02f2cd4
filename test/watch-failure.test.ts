import * as assert from 'uvu/assert';
import type { Batch, Source } from '../server/source/source.ts';
import { watchFailure } from '../server/watch-failure.ts';
import { suite } from './suite.ts';

const test = suite('watchFailure');

test('what the source says of itself stays as it is', () => {
  const source = {
    name: 'shop.db',
    down: 'away' as string | undefined,
    lag: { changes: 3, seconds: 1 },
    writer: { write: () => Promise.resolve(0) },
    async *run(): AsyncGenerator<Batch> {},
  } satisfies Source;
  const watched = watchFailure(source, () => undefined);
  assert.is(watched.name, 'shop.db');
  assert.is(watched.writer, source.writer);
  assert.equal([watched.down, watched.lag], ['away', { changes: 3, seconds: 1 }]);
  source.down = undefined;
  source.lag = { changes: 0, seconds: 0 };
  assert.equal([watched.down, watched.lag], [undefined, { changes: 0, seconds: 0 }]);
});
