import * as assert from 'uvu/assert';
import { Encoder } from '../../server/stream/encoder.ts';
import type { PendingChange } from '../../server/stream/pending.ts';
import { Table } from '../../server/table/table.ts';
import { suite } from '../suite.ts';

const test = suite('Encoder');

/** More than one frame takes: two of these are two frames. */
const LARGE = 'x'.repeat(70_000);

function add(id: number, seq: number, text = LARGE): PendingChange {
  return { change: { type: 'add', data: { id, text } }, seq };
}

const CASES: {
  title: string;
  changes: PendingChange[];
  frames: [seq: number, changes: number][];
}[] = [
  { title: 'nothing is no frame', changes: [], frames: [] },
  {
    title: 'small changes share a frame, with the id of the last',
    changes: [add(1, 3, ''), add(2, 5, '')],
    frames: [[5, 2]],
  },
  {
    title: 'a frame ends once it is large',
    changes: [add(1, 3), add(2, 4), add(3, 5, '')],
    frames: [
      [3, 1],
      [4, 1],
      [5, 1],
    ],
  },
  {
    title: 'a frame never ends within a seq, however large: its id stands for all of it',
    changes: [add(1, 3), add(2, 3), add(3, 3), add(4, 4), add(5, 4, '')],
    frames: [
      [3, 3],
      [4, 2],
    ],
  },
];

for (const { title, changes, frames } of CASES) {
  test(`encode: ${title}`, () => {
    const encoder = new Encoder(new Table({ name: 't', key: 'id', epoch: 'e' }), {}, 'x', 1_000);
    const encoded = encoder.encode(changes, 0);
    assert.equal(
      encoded.map(({ seq, changes: count }) => [seq, count]),
      frames,
    );
    for (const [index, { payload, seq }] of encoded.entries()) {
      // In the middle of a flush only this channel can go on from the id.
      const id = index < encoded.length - 1 ? `id: e.${seq}.x\n\n` : `id: e.${seq}\n\n`;
      assert.match(payload.toString(), id);
    }
  });
}
