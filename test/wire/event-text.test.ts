import { createParser, type EventSourceMessage } from 'eventsource-parser';
import * as assert from 'uvu/assert';
import { eventText, isEventFields } from '../../server/wire/event-text.ts';
import { suite } from '../suite.ts';

const test = suite('eventText');

/** What a client makes of a text that comes in pieces. */
function parse(pieces: Iterable<string>): { events: EventSourceMessage[]; retries: number[] } {
  const events: EventSourceMessage[] = [];
  const retries: number[] = [];
  const parser = createParser({
    onEvent: (event) => events.push(event),
    onRetry: (retry) => retries.push(retry),
    onError: (error) => {
      throw error;
    },
  });
  for (const piece of pieces) parser.feed(piece);
  return { events, retries };
}

const CASES: [name: string, value: unknown, text: string, data: string][] = [
  [
    'an object',
    { type: 'progress', progress: 10 },
    'data: {"type":"progress","progress":10}\n\n',
    '{"type":"progress","progress":10}',
  ],
  ['a string', 'hello', 'data: hello\n\n', 'hello'],
  ['an empty string', '', 'data: \n\n', ''],
  ['a string that begins with a space', ' x', 'data:  x\n\n', ' x'],
  ['a string that looks like fields', 'id: 7', 'data: id: 7\n\n', 'id: 7'],
  ['LF', 'a\nb', 'data: a\ndata: b\n\n', 'a\nb'],
  ['CR', 'a\rb', 'data: a\ndata: b\n\n', 'a\nb'],
  ['CRLF', 'a\r\nb', 'data: a\ndata: b\n\n', 'a\nb'],
  [
    'CR, CRLF and LF together',
    '\ra\r\n\r\rb\n',
    'data: \ndata: a\ndata: \ndata: \ndata: b\ndata: \n\n',
    '\na\n\n\nb\n',
  ],
  [
    'an injected event',
    'x\r\rid: 9\r\revent: evil',
    'data: x\ndata: \ndata: id: 9\ndata: \ndata: event: evil\n\n',
    'x\n\nid: 9\n\nevent: evil',
  ],
  ['line ends inside JSON', { a: 'x\r\ny' }, 'data: {"a":"x\\r\\ny"}\n\n', '{"a":"x\\r\\ny"}'],
  ['line separators of Unicode', 'a\u2028b\u0085c', 'data: a\u2028b\u0085c\n\n', 'a\u2028b\u0085c'],
  ['a number', 7, 'data: 7\n\n', '7'],
  ['false', false, 'data: false\n\n', 'false'],
  ['null', null, 'data: null\n\n', 'null'],
  ['an array', [1, 'a'], 'data: [1,"a"]\n\n', '[1,"a"]'],
  ['a date', new Date(0), 'data: "1970-01-01T00:00:00.000Z"\n\n', '"1970-01-01T00:00:00.000Z"'],
  ['an object with an id but no data', { id: 7 }, 'data: {"id":7}\n\n', '{"id":7}'],
  [
    'an object with data and more',
    { type: 'x', data: 1 },
    'data: {"type":"x","data":1}\n\n',
    '{"type":"x","data":1}',
  ],
  ['data alone', { data: 'a\nb' }, 'data: a\ndata: b\n\n', 'a\nb'],
  ['data inside data', { data: { data: 1 } }, 'data: {"data":1}\n\n', '{"data":1}'],
  [
    'fields left undefined',
    { event: undefined, id: undefined, retry: undefined, data: 1 },
    'data: 1\n\n',
    '1',
  ],
];

for (const [name, value, text, data] of CASES) {
  test(`${name}: exact text, read alike whole and character by character`, () => {
    assert.is(eventText(value), text);
    for (const pieces of [[text], text]) {
      const { events } = parse(pieces);
      assert.equal(events, [{ id: undefined, event: undefined, data }]);
    }
  });
}

test('all fields: in the order event, data, id, retry', () => {
  const text = eventText({ retry: 5_000, id: 7, event: 'tick', data: 'a\r\nb' });
  assert.is(text, 'event: tick\ndata: a\ndata: b\nid: 7\nretry: 5000\n\n');
  for (const pieces of [[text], text]) {
    const { events, retries } = parse(pieces);
    assert.equal(events, [{ id: '7', event: 'tick', data: 'a\nb' }]);
    assert.equal(retries, [5_000]);
  }
});

test('an empty id makes the client forget its last one; an empty event is none', () => {
  assert.is(eventText({ event: '', id: '', data: 1 }), 'data: 1\nid\n\n');
});

const WRONG: [name: string, value: unknown, message: RegExp][] = [
  ['LF in event', { event: 'a\nb', data: 1 }, /event "a\\nb" holds a CR, LF or NUL; take it out/],
  ['CR in event', { event: 'a\r', data: 1 }, /event "a\\r" holds/],
  ['NUL in event', { event: '\0', data: 1 }, /event "\\u0000" holds/],
  ['LF in id', { id: '\n', data: 1 }, /id "\\n" holds/],
  ['CR in id', { id: '1\r2', data: 1 }, /id "1\\r2" holds/],
  ['NUL in id', { id: '1\0', data: 1 }, /id "1\\u0000" holds/],
  ['an event that is no string', { event: 1, data: 1 }, /event is a number; it must be a string/],
  ['an id that is an object', { id: {}, data: 1 }, /id is an object; it must be a string/],
  ['an id that is null', { id: null, data: 1 }, /id is null; it must be a string/],
  ['a retry of half a ms', { retry: 0.5, data: 1 }, /retry 0\.5 is not a whole number/],
  ['a negative retry', { retry: -1, data: 1 }, /retry -1 is not/],
  ['a retry of text', { retry: '1\n', data: 1 }, /retry "1\\n" is not/],
  ['undefined', undefined, /undefined has no form in JSON; send an object or a string/],
  ['undefined data', { data: undefined }, /undefined has no form in JSON/],
  ['a function', () => 1, /a function has no form in JSON/],
  ['a symbol', Symbol('x'), /a symbol has no form in JSON/],
];
for (const [name, value, message] of WRONG) {
  test(`${name}: refused, naming it`, () => {
    assert.throws(() => eventText(value), message);
  });
}

test('isEventFields: data is there, and nothing but the four keys', () => {
  const yes = [{ data: 1 }, { data: undefined }, { event: 'e', id: 'i', retry: 1, data: 1 }];
  const no = [
    {},
    { event: 'e' },
    { id: 1 },
    { retry: 1 },
    { data: 1, type: 'x' },
    [],
    'data',
    null,
    Object.create({ data: 1 }),
  ];
  for (const value of yes) assert.ok(isEventFields(value), JSON.stringify(value));
  for (const value of no) assert.not(isEventFields(value), JSON.stringify(value));
});
