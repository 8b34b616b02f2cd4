/**
 * Many subscribers over raw sockets in one process: cheap enough that the server is what is measured.
 *
 * All of them count bytes; some, spread evenly, also decode the stream and look at every change.
 */
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { nowUs } from '../servers/event.ts';
import { BodyReader } from './body-reader.ts';
import type { CrowdOrder } from './crowd.ts';
import { EventSampler } from './event-sampler.ts';

/** Read buffer shared by all sockets: what is read is looked at before the next read. */
const buffer = Buffer.alloc(256 * 1_024);

/** Enough of a read's end to hold the whole `ready` event. */
const READY_TAIL_BYTES = 80;

const READY = '"type":"ready"';

interface Member {
  socket: Socket;
  bytes: number;
  /** When it last read something, in µs since the Unix epoch. */
  lastUs: number;
  sampler: EventSampler | undefined;
  tail: string;
}

let members: Member[] = [];
let resetUs = nowUs();

createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const order: CrowdOrder = JSON.parse(line);
    process.stdout.write(`${JSON.stringify(await obey(order))}\n`);
  })
  .on('close', () => process.exit(0));
process.stdout.write('{}\n');

async function obey(order: CrowdOrder): Promise<object> {
  if (order.do === 'open') return open(order);
  if (order.do === 'count') return count();
  if (order.do === 'churn') return churn(order);
  if (order.do === 'stop') stop(order.count);
  else if (order.do === 'reset') reset();
  else leave();
  return {};
}

/** Opens connections, `atOnce` at a time, until each has read what it is to wait for. */
async function open(order: CrowdOrder & { do: 'open' }): Promise<object> {
  const startUs = nowUs();
  let next = 0;
  const every = Math.max(1, Math.floor(order.count / Math.max(1, order.samples)));
  async function openInTurn(): Promise<void> {
    while (next < order.count) {
      const isSampled = next % every === 0 && next / every < order.samples;
      next++;
      members.push(await join(order, isSampled));
    }
  }
  await Promise.all(Array.from({ length: order.atOnce }, openInTurn));
  return { tookUs: nowUs() - startUs };
}

function join(order: CrowdOrder & { do: 'open' }, isSampled: boolean): Promise<Member> {
  return new Promise((resolve, reject) => {
    const sampler = isSampled ? new EventSampler() : undefined;
    const body = new BodyReader((bytes) => sampler?.push(bytes, nowUs()));
    const socket = connect({
      port: order.port,
      host: '127.0.0.1',
      onread: {
        buffer,
        callback: (length) => {
          member.bytes += length;
          member.lastUs = nowUs();
          if (isSampled) body.push(buffer.subarray(0, length));
          if (!order.untilReady || isReady(member, length)) resolve(member);
          return true;
        },
      },
    });
    const member: Member = { socket, bytes: 0, lastUs: 0, sampler, tail: '' };
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed a stream')));
    socket.write(requestOf(order));
  });
}

function requestOf({ path, gzip }: CrowdOrder & { do: 'open' }): string {
  const encoding = gzip ? 'Accept-Encoding: gzip\r\n' : '';
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n${encoding}\r\n`;
}

/** Whether the snapshot has ended, as it has when nothing follows its `ready`. */
function isReady(member: Member, length: number): boolean {
  const end = buffer.toString('latin1', Math.max(0, length - READY_TAIL_BYTES), length);
  const text = member.tail + end;
  member.tail = text.slice(-READY_TAIL_BYTES);
  return text.includes(READY);
}

/** Opens streams and drops them after their first bytes, over and over, for a while. */
async function churn(order: CrowdOrder & { do: 'churn' }): Promise<object> {
  const endUs = nowUs() + order.forMs * 1_000;
  let streams = 0;
  async function comeAndGo(): Promise<void> {
    while (nowUs() < endUs) {
      const { socket } = await join(
        { ...order, do: 'open', count: 1, samples: 0, gzip: false, untilReady: false },
        false,
      );
      // A reset leaves no port waiting, so that a run of seconds does not use all of them up.
      socket.resetAndDestroy();
      streams++;
    }
  }
  await Promise.all(Array.from({ length: order.atOnce }, comeAndGo));
  return { streams };
}

/** The first `count` that are not sampled read nothing any more. */
function stop(count: number): void {
  const ones = members.filter(({ sampler }) => sampler === undefined).slice(0, count);
  for (const { socket } of ones) socket.pause();
  members = members.filter((member) => !ones.includes(member));
}

function reset(): void {
  resetUs = nowUs();
  for (const member of members) {
    member.bytes = 0;
    member.lastUs = 0;
    member.sampler?.reset();
  }
}

function count(): object {
  const sampled = members.flatMap(({ sampler, bytes }) =>
    sampler === undefined ? [] : [{ sampler, bytes }],
  );
  return {
    tookUs: nowUs() - resetUs,
    bytes: members.reduce((sum, { bytes }) => sum + bytes, 0),
    silent: members.filter(({ bytes }) => bytes === 0).length,
    lastUs: members.reduce((last, { lastUs }) => Math.max(last, lastUs), 0),
    sampledBytes: sampled.reduce((sum, { bytes }) => sum + bytes, 0),
    sampledChanges: sampled.reduce((sum, { sampler }) => sum + sampler.changes, 0),
    newestUs: sampled.reduce((newest, { sampler }) => Math.max(newest, sampler.newestUs), 0),
    latenciesUs: sampled.flatMap(({ sampler }) => sampler.latenciesUs),
  };
}

function leave(): void {
  for (const { socket } of members) socket.resetAndDestroy();
  members = [];
}
