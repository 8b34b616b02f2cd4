import * as assert from 'uvu/assert';
import { EventScanner } from '../../server/tool/stream/event-scanner.ts';
import { suite } from '../suite.ts';

type Seen = [data: string, name: string, id: string];

function scan(pieces: readonly Buffer[]): { seen: Seen[]; scanner: EventScanner; retry: number[] } {
  const seen: Seen[] = [];
  const retry: number[] = [];
  const scanner = new EventScanner({
    onEvent: ({ data, name, lastEventId }) => seen.push([data.toString(), name, lastEventId]),
    onRetry: (ms) => retry.push(ms),
  });
  for (const piece of pieces) {
    const reused = Buffer.from(piece);
    scanner.push(reused);
    reused.fill('!'); // as a reader does that uses its buffer again
  }
  return { seen, scanner, retry };
}

const CASES: [what: string, text: string, seen: Seen[]][] = [
  ['one event', 'data: a\n\n', [['a', '', '']]],
  ['no space after the colon', 'data:a\n\n', [['a', '', '']]],
  ['only the first space goes', 'data:  a\n\n', [[' a', '', '']]],
  ['lines are joined with LF', 'data: a\ndata:\ndata: b\n\n', [['a\n\nb', '', '']]],
  ['CR ends a line', 'data: a\rdata: b\r\r', [['a\nb', '', '']]],
  ['CRLF ends one line', 'data: a\r\ndata: b\r\n\r\n', [['a\nb', '', '']]],
  [
    'an id stays',
    'id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n',
    [
      ['a', '', '1'],
      ['b', '', '1'],
      ['c', '', ''],
    ],
  ],
  ['an id of an event without data counts', 'id: 1\n\ndata: a\n\n', [['a', '', '1']]],
  ['an id with NUL does not', 'id: 1\0\ndata: a\n\n', [['a', '', '']]],
  ['an unfinished id does not yet', 'data: a\n\nid: 2\n', [['a', '', '']]],
  [
    'a name is for one event',
    'event: x\ndata: a\n\ndata: b\n\n',
    [
      ['a', 'x', ''],
      ['b', '', ''],
    ],
  ],
  ['comments and strangers are none', ': c\nfoo: d\n data: e\ndata: a\n\n', [['a', '', '']]],
  ['a byte order mark', '\uFEFFdata: ä€\n\n', [['ä€', '', '']]],
  ['no data, no event', 'event: x\n\n\n', []],
  ['data without a value', 'data\n\n', [['', '', '']]],
];
const test = suite('EventScanner');
for (const [what, text, expected] of CASES) {
  const bytes = Buffer.from(text);
  test(`${what}: whole, byte by byte, and cut anywhere in two`, () => {
    assert.equal(scan([bytes]).seen, expected);
    assert.equal(scan(Array.from(bytes, (byte) => Buffer.of(byte))).seen, expected);
    for (let cut = 1; cut < bytes.length; cut++) {
      assert.equal(scan([bytes.subarray(0, cut), bytes.subarray(cut)]).seen, expected, `${cut}`);
    }
  });
}

test('counts events, comments and line ends, and tells whether one is begun', () => {
  const { scanner, retry } = scan([Buffer.from(':c\r\nretry: 50\rretry: x\ndata: a\n\ndata')]);
  assert.equal(scanner.lineEnds, { lf: 3, crlf: 1, cr: 1 });
  assert.equal([scanner.events, scanner.comments, retry], [1, 1, [50]]);
  assert.ok(scanner.isInsideEvent);
});
