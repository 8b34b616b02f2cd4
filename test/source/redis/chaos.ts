/**
 * Chaos with a Redis stream: writers, `redis-cli` among them, that add, trim and delete entries, in
 * transactions of which some are discarded; the server killed with -9, Redis killed and started again,
 * the network between them cut; clients that stall, leave and come back. In the end XRANGE, the
 * server's table and every client's must be the same.
 */
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../../server/base/clock.ts';
import { type Random, seededRandom } from '../../../server/base/random.ts';
import { RedisConnection } from '../../../server/source/redis/redis-connection.ts';
import { readEntries } from '../../../server/source/redis/stream-entries.ts';
import type { Row } from '../../../server/wire/change.ts';
import { findProgram } from '../../services/package.ts';
import { Program } from '../../services/program.ts';
import type { RedisServer } from '../../services/redis.ts';
import { TcpProxy } from '../../services/tcp-proxy.ts';
import { textOf } from '../follow-source.ts';
import { keepRestless } from '../restless.ts';
import { StreamClient } from '../stream-client.ts';

const STREAM = 's';
const WRITERS = 3;
const CLIENTS = 4;

/** Entries that trimming leaves: with them, going on is always cheaper than everything anew. */
const KEPT_ENTRIES = 3_000;

/** For everything to have arrived in the end. */
const SETTLE_LIMIT_MS = 30_000;

export interface ChaosOptions {
  redis: RedisServer;
  seed: number;
  seconds: number;
  /** Between two disasters, on average. */
  disasterMs: number;
}

export interface ChaosResult {
  entries: number;
  added: number;
  /** Times that the server was killed: only then is a client given everything again. */
  kills: number;
  disasters: number;
  /** Whose rows are not those of the stream. */
  different: string[];
  /** Full loads of each client that had said where it was. */
  reloads: number[];
  /** Times a client went on where it was. */
  resumed: number[];
}

class Chaos {
  readonly options: ChaosOptions;
  readonly proxy: TcpProxy;
  readonly clients: StreamClient[] = [];
  program: Program;
  url = '';
  added = 0;
  kills = 0;
  disasters = 0;
  isOver = false;
  /** The entry that a writer added last; perhaps deleted since. */
  #last = '';

  constructor(options: ChaosOptions, proxy: TcpProxy) {
    this.options = options;
    this.proxy = proxy;
    this.program = this.#start();
  }

  get stream(): string {
    return `${this.url}/api/tables/${STREAM}/stream`;
  }

  async begin(): Promise<void> {
    this.url = await this.program.url();
    for (const client of this.clients) client.url = this.stream;
  }

  /** Adds, sometimes several entries at once or not at all, and takes away. */
  async write(random: Random): Promise<void> {
    let connection: RedisConnection | undefined;
    const upTo = (n: number): number => Math.floor(random() * n);
    while (!this.isOver) {
      try {
        connection ??= await RedisConnection.open(this.options.redis.url, systemClock);
        const kind = random();
        if (kind < 0.02) {
          const count = String(KEPT_ENTRIES + upTo(500));
          await connection.command(['XTRIM', STREAM, 'MAXLEN', count]);
        } else if (kind < 0.1 && this.#last !== '') {
          await connection.command(['XDEL', STREAM, this.#last]);
        } else if (kind < 0.3) {
          await connection.command(['MULTI']);
          for (let left = 1 + upTo(20); left > 0; left--) await this.#add(connection, upTo(1e6));
          await connection.command([random() < 0.3 ? 'DISCARD' : 'EXEC']);
        } else this.#last = String(await this.#add(connection, upTo(1e6)));
        await pause(random() * 10);
      } catch {
        connection?.[Symbol.dispose](); // Redis has just been killed
        connection = undefined;
        await pause(50);
      }
    }
    connection?.[Symbol.dispose]();
  }

  /** Somebody at a terminal. */
  async writeByHand(): Promise<void> {
    const named = { variable: 'SSE_TABLE_REDIS_CLI', packageName: 'redis-tools' };
    const program = findProgram('redis-cli', named);
    while (program !== undefined && !this.isOver) {
      const port = String(this.options.redis.port);
      const child = spawn(program, ['-p', port, 'XADD', STREAM, '*', 'by', 'hand'], {
        stdio: 'ignore',
      });
      await new Promise((resolve) => child.on('close', resolve));
      await pause(200);
    }
  }

  async makeDisasters(random: Random): Promise<void> {
    const { redis, disasterMs } = this.options;
    while (!this.isOver) {
      await pause(disasterMs * (0.5 + random()));
      this.disasters++;
      const kind = random();
      if (kind < 0.3) {
        this.kills++;
        await this.program[Symbol.asyncDispose](); // with -9
        this.program = this.#start();
        await this.begin();
      } else if (kind < 0.6) {
        await redis.kill();
        await pause(random() * disasterMs * 0.5);
        await redis.start();
      } else {
        this.proxy.cut(kind < 0.8 ? 'silent' : 'reset');
        await pause(random() * disasterMs * 0.5);
        this.proxy.restore();
      }
    }
  }

  async judge(): Promise<ChaosResult> {
    const reply = await this.options.redis.run('XRANGE', STREAM, '-', '+');
    const entries = readEntries(reply as Parameters<typeof readEntries>[0], undefined);
    const expected = textOf(entries.flatMap(({ row }) => (row === undefined ? [] : [row])));
    const endMs = performance.now() + SETTLE_LIMIT_MS;
    let different: string[];
    do {
      await pause(50);
      different = [];
      if ((await this.#serverText()) !== expected) different.push('the server');
      for (const [n, { model }] of this.clients.entries()) {
        if (textOf(model.rows.values()) !== expected) different.push(`client ${n}`);
      }
    } while (different.length > 0 && performance.now() < endMs);
    const { added, kills, disasters } = this;
    return {
      entries: entries.length,
      added,
      kills,
      disasters,
      different,
      reloads: this.clients.map(({ reloads }) => reloads),
      resumed: this.clients.map((client) => client.count('sync') + client.count('resumed')),
    };
  }

  async #add(connection: RedisConnection, n: number): Promise<unknown> {
    const id = await connection.command(['XADD', STREAM, '*', 'n', String(n), 'text', `t${n}`]);
    this.added++;
    return id;
  }

  async #serverText(): Promise<string> {
    const response = await fetch(`${this.url}/api/tables/${STREAM}`);
    const { data = [] } = (await response.json()) as { data?: Row[] };
    return textOf(data);
  }

  #start(): Program {
    const url = `redis://127.0.0.1:${this.proxy.port}/0?stream=${STREAM}`;
    return new Program([url, '--log-level', 'error']);
  }
}

/** Makes chaos for a while. @throws {Error} what a client found impossible. */
export async function makeChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { redis, seed, seconds } = options;
  const script = `for i = 1, ARGV[1] do redis.call('XADD', KEYS[1], '*', 'n', i) end`;
  await redis.run('EVAL', script, '1', STREAM, String(KEPT_ENTRIES));
  await using proxy = await TcpProxy.create(redis.port);
  const chaos = new Chaos(options, proxy);
  try {
    await chaos.begin();
    for (let n = 0; n < CLIENTS; n++) chaos.clients.push(new StreamClient(chaos.stream));
    const work = [
      ...Array.from({ length: WRITERS }, (_, n) => chaos.write(seededRandom(seed + n))),
      chaos.writeByHand(),
      chaos.makeDisasters(seededRandom(seed - 1)),
      keepRestless(chaos.clients, seededRandom(seed - 2), () => chaos.isOver),
    ];
    await pause(seconds * 1_000);
    chaos.isOver = true;
    await Promise.all(work);
    return await chaos.judge();
  } finally {
    await chaos.program[Symbol.asyncDispose]();
    for (const client of chaos.clients) await client[Symbol.asyncDispose]();
  }
}
