import * as assert from 'uvu/assert';
import { SseTableError } from '../../server/base/errors.ts';
import { createCounters } from '../../server/stream/counters.ts';
import {
  GeneratorChannel,
  type GeneratorChannelOptions,
} from '../../server/stream/generator-channel.ts';
import type { Items } from '../../server/stream/generator-run.ts';
import { FakeClock } from '../fake-clock.ts';
import { suite } from '../suite.ts';
import { ScriptedSink } from './model-client.ts';

const test = suite('GeneratorChannel');

const RETRY = 'retry: 2000\n\n';
const FINISHED = 'id: gone.0\n\n';

function setUp(options: Partial<GeneratorChannelOptions> = {}) {
  const clock = new FakeClock();
  const failures: unknown[] = [];
  const channel = new GeneratorChannel({
    clock,
    random: () => 0.5,
    counters: createCounters(),
    heartbeatMs: 15_000,
    stallTimeoutMs: 30_000,
    retryMs: 2_000,
    timeoutMs: undefined,
    restart: false,
    onFailure: (error) => failures.push(error),
    ...options,
  });
  /** Lets what is due now, and what follows from it, happen. */
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) {
      clock.runImmediate();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const join = (
    start: (signal: AbortSignal) => Items,
    highWaterMark = 1e6,
    expiresAtMs?: number,
  ) => {
    let text = '';
    const sink = new ScriptedSink((bytes) => {
      text += bytes.toString();
    }, highWaterMark);
    const run = channel.join(sink, { lastEventId: undefined, expiresAtMs }, start);
    /** Takes up to so many bytes, and gives what has come since the last time. */
    const read = async (bytes = 1e9): Promise<string> => {
      await settle();
      if (sink.read(bytes)) run.drained();
      await settle();
      const got = text;
      text = '';
      return got;
    };
    return { sink, run, read };
  };
  return { clock, channel, failures, settle, join };
}

/** Waits for `signal`, as a generator does that listens to it. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

test('join: retry at once, then what an async generator yields, then the end', async () => {
  const { join } = setUp();
  const { sink, read } = join(async function* () {
    yield { type: 'progress', progress: 10 };
    yield 'two\r\nlines';
    yield { event: 'done', id: 7, data: null };
  });
  assert.is(
    await read(),
    `${RETRY}data: {"type":"progress","progress":10}\n\ndata: two\ndata: lines\n\n` +
      `event: done\ndata: null\nid: 7\n\n${FINISHED}`,
  );
  assert.ok(sink.isEnded);
});

test('join: sync generators, arrays and promises in them too', async () => {
  const { join } = setUp();
  const { read } = join(function* () {
    yield 1;
    yield Promise.resolve(2);
  });
  assert.is(await read(), `${RETRY}data: 1\n\ndata: 2\n\n${FINISHED}`);
  assert.is(await join(() => ['a', 'b']).read(), `${RETRY}data: a\n\ndata: b\n\n${FINISHED}`);
});

test('restart: the response just ends, so that the client begins anew', async () => {
  const { join } = setUp({ restart: true });
  const { sink, read } = join(() => ['a']);
  assert.is(await read(), `${RETRY}data: a\n\n`);
  assert.ok(sink.isEnded);
});

test('an item that comes alone leaves at once', async () => {
  const { join, settle } = setUp();
  let next: () => void = () => undefined;
  const { read } = join(async function* () {
    for (let i = 0; i < 3; i++) {
      yield i;
      await new Promise<void>((resolve) => {
        next = resolve;
      });
    }
  });
  assert.is(await read(), `${RETRY}data: 0\n\n`);
  next();
  await settle();
  assert.is(await read(), 'data: 1\n\n');
});

for (const kind of ['sync', 'async'] as const) {
  test(`a slow client: a ${kind} generator is not pulled further than one write ahead`, async () => {
    const { join } = setUp();
    let pulled = 0;
    function* endless(): Generator<string> {
      while (true) {
        pulled++;
        yield 'x'.repeat(100);
      }
    }
    const { read, sink } = join(
      kind === 'sync'
        ? endless
        : async function* () {
            yield* endless();
          },
      1_000,
    );
    assert.is(await read(0), '');
    const ahead = pulled;
    assert.ok(ahead > 0 && ahead * 108 <= 2 * 16 * 1_024, `${ahead} pulled`);
    await read(0);
    assert.is(pulled, ahead, 'nothing is pulled while nothing is read');
    await read();
    assert.ok(pulled > ahead && pulled <= 2 * ahead, `${pulled} pulled`);
    assert.ok(sink.maxPending < 2 * 16 * 1_024, `${sink.maxPending} bytes waited`);
  });
}

test('leave: signal is aborted and finally runs, wherever the generator is', async () => {
  const { channel, join, settle, failures } = setUp();
  const ended: string[] = [];
  const starts: Record<string, (signal: AbortSignal) => Items> = {
    'waits for the client': async function* () {
      try {
        while (true) yield 'x'.repeat(1_000);
      } finally {
        ended.push('waits for the client');
      }
    },
    'a sync one waits for the client': function* () {
      try {
        while (true) yield 'x'.repeat(1_000);
      } finally {
        ended.push('a sync one waits for the client');
      }
    },
    'waits for something of its own': async function* (signal) {
      try {
        yield 1;
        await aborted(signal);
      } finally {
        ended.push('waits for something of its own');
      }
    },
  };
  const joined = Object.values(starts).map((start) => join(start, 1_000));
  await settle();
  for (const { run } of joined) channel.leave(run);
  await Promise.all(joined.map(({ run }) => run.done));
  assert.equal(ended.sort(), Object.keys(starts).sort());
  assert.is(channel.subscribers, 0);
  assert.equal(failures, []);
});

test('leave: before the generator has begun, it never does', async () => {
  const { channel, join, settle } = setUp();
  let hasBegun = false;
  const { run } = join(() => {
    hasBegun = true;
    return [];
  });
  channel.leave(run);
  await settle();
  assert.not(hasBegun);
  await run.done;
});

test('a throw: an error event without internals, then the end; the log has it', async () => {
  const { join, failures } = setUp();
  const error = new Error('password is hunter2 at /home/me');
  let hasCleanedUp = false;
  const { sink, read } = join(async function* () {
    try {
      yield 1;
      throw error;
    } finally {
      hasCleanedUp = true;
    }
  });
  assert.is(
    await read(),
    `${RETRY}data: 1\n\ndata: {"type":"error","code":"internal","message":` +
      `"the stream met an unexpected error; it is in the server's log"}\n\n`,
  );
  assert.ok(sink.isEnded && hasCleanedUp);
  assert.equal(failures, [error]);
});

test('a throw of SseTableError: its code and message are for the client', async () => {
  const { join, failures } = setUp();
  // biome-ignore lint/correctness/useYield: it fails before its first item
  const { read } = join(async function* () {
    throw new SseTableError('not_found', 'there is no upload 7');
  });
  assert.is(
    await read(),
    `${RETRY}data: {"type":"error","code":"not_found","message":"there is no upload 7"}\n\n`,
  );
  assert.equal(failures, []);
});

test('a wrong yield: the generator is told to clean up, the client gets an error', async () => {
  const { join, failures } = setUp();
  let hasCleanedUp = false;
  const { read } = join(async function* () {
    try {
      yield { event: 'a\nb', data: 1 };
    } finally {
      hasCleanedUp = true;
    }
  });
  assert.match(await read(), /"type":"error","code":"internal"/);
  assert.match(String(failures[0]), /event "a\\nb" holds a CR, LF or NUL/);
  assert.ok(hasCleanedUp);
});

test('no generator: an error event, and the log says what to write', async () => {
  const { join, failures } = setUp();
  const wrong = new Function('return undefined');
  const { read } = join(() => wrong());
  assert.match(await read(), /"type":"error","code":"internal"/);
  assert.match(String(failures[0]), /must be a generator: function\* or async function\*/);
});

test('heartbeat: while silent only, and only to those who can take it', async () => {
  const { clock, join, settle } = setUp();
  const silent = join(async function* (signal) {
    yield 1;
    await aborted(signal);
  });
  const blocked = join(function* () {
    while (true) yield 'x';
  }, 100);
  await settle();
  await silent.read();
  clock.advance(15_000);
  assert.is(await silent.read(), 'data: {"type":"heartbeat","timestamp":1700000015}\n\n');
  assert.not.match(await blocked.read(), /heartbeat/);
});

test('timeout: a timeout event with the last id, the end, and finally runs', async () => {
  const { clock, join, settle, failures } = setUp({ timeoutMs: 300_000, heartbeatMs: 1e9 });
  let hasCleanedUp = false;
  const { sink, read, run } = join(async function* (signal) {
    try {
      yield 1;
      await aborted(signal);
    } finally {
      hasCleanedUp = true;
    }
  });
  await settle();
  await read();
  clock.advance(299_999);
  assert.not.match(await read(), /timeout/);
  clock.advance(1);
  await run.done;
  assert.is(
    await read(),
    'data: {"type":"timeout","message":"the stream has had its 300 s"}\nid: gone.0\n\n',
  );
  assert.ok(sink.isEnded && hasCleanedUp);
  assert.equal(failures, []);
});

test('timeout: forgotten when the generator ends first', async () => {
  const { clock, channel, join } = setUp({ timeoutMs: 1_000 });
  const { read, run } = join(() => ['a']);
  await read();
  channel.leave(run);
  await run.done;
  assert.is(clock.waiting, 1, 'the heartbeat alone');
});

test('sweep: a client that accepts nothing is dropped; an expired token ends the stream', async () => {
  const { clock, channel, join, settle } = setUp();
  const stalled = join(function* () {
    while (true) yield 'x';
  }, 100);
  const expired = join(
    async function* (signal) {
      yield 1;
      await aborted(signal);
    },
    1e6,
    clock.now() + 5_000,
  );
  await settle();
  clock.advance(5_000);
  channel.sweep();
  await expired.run.done;
  assert.match(await expired.read(), /"code":"token_expired".*\n\n.*"reason":"unauthorized"/);
  clock.advance(30_000);
  channel.sweep();
  assert.ok(stalled.sink.isDestroyed);
  await stalled.run.done;
});

test('end: what was yielded, then end, to all; settled waits for every finally', async () => {
  const { channel, join, settle } = setUp();
  let cleaned = 0;
  const start = async function* (signal: AbortSignal): AsyncGenerator<number> {
    try {
      yield 1;
      await aborted(signal);
    } finally {
      await new Promise((resolve) => setImmediate(resolve));
      cleaned++;
    }
  };
  const clients = [join(start), join(start)];
  await settle();
  channel.end('shutdown', 'bye');
  await channel.settled();
  assert.is(cleaned, 2);
  for (const { read, sink } of clients) {
    const text = `${RETRY}data: 1\n\ndata: {"type":"end","reason":"shutdown","message":"bye"}\n\n`;
    assert.is(await read(), text);
    assert.ok(sink.isEnded);
  }
});

test('an error in finally after the client has left: only the log hears of it', async () => {
  const { channel, join, settle, failures } = setUp();
  const { run } = join(async function* () {
    try {
      yield 1;
      await new Promise((resolve) => setImmediate(resolve));
      yield 2;
    } finally {
      // biome-ignore lint/correctness/noUnsafeFinally: it is what is tested
      throw new Error('late');
    }
  });
  await settle();
  channel.leave(run);
  await run.done;
  assert.is(String(failures[0]), 'Error: late');
});
