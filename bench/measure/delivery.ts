/**
 * One run of one server with a crowd: events at a steady pace, or as fast as it can.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender } from '../servers/fan-out-server.ts';
import { Crowd, type CrowdCount } from './crowd.ts';
import { usageOf } from './process-usage.ts';
import { quantile } from './statistics.ts';

const US_PER_MS = 1_000;

const US_PER_SECOND = 1_000_000;

export interface DeliveryOptions {
  subscribers: number;
  /** Publishing before measuring starts: code is compiled, buffers have grown, sockets are warm. */
  warmMs: number;
  forMs: number;
  gzip?: boolean;
  /** Subscribers beside the others that read nothing. */
  stopped?: number;
}

export interface Delivery {
  /** Server CPU for each change that a subscriber received, in µs. */
  cpuUsPerEvent: number;
  /** Server CPU for each change published, in µs. */
  cpuUsPerChange: number;
  /** Of one core. */
  cpuShare: number;
  /** Changes received by all subscribers together, each second. */
  perSecond: number;
  publishedPerSecond: number;
  /** Of the changes published, those that reached each subscriber; the rest were merged into later ones. */
  deliveredShare: number;
  bytesPerEvent: number;
  /** From publishing to reading. */
  p50Ms: number;
  p99Ms: number;
  /** From the last change's publishing until the last subscriber had read it. */
  lastDelayMs: number;
  /** How much resident memory grew while publishing. */
  grownBytes: number;
}

/** Publishes `perSecond` events a second and waits until all have arrived. */
export async function paced(
  contender: Contender,
  options: DeliveryOptions & { perSecond: number },
): Promise<Delivery> {
  const { perSecond, warmMs, forMs, subscribers } = options;
  await using server = await contender.start();
  await using crowd = await openCrowd(server, options);
  await server.pace(perSecond, warmMs);
  await crowd.settled();
  await server.collect();
  await crowd.reset();
  const before = usageOf(server.pids);
  const published = await server.pace(perSecond, forMs);
  const count = await crowd.settled();
  const after = usageOf(server.pids);
  // The pauses in which nothing more arrived belong to no one.
  const seconds = forMs / 1_000;
  return deliveryOf({ count, published, seconds, subscribers, before, after });
}

/** Publishes as fast as the server takes it, and looks at a stretch in the middle. */
export async function flooded(contender: Contender, options: DeliveryOptions): Promise<Delivery> {
  const { warmMs, forMs, subscribers } = options;
  await using server = await contender.start();
  await using crowd = await openCrowd(server, options);
  const totalMs = warmMs + forMs + warmMs;
  const publishing = server.flood(totalMs);
  await sleep(warmMs);
  await crowd.reset();
  const before = usageOf(server.pids);
  const startMs = performance.now();
  await sleep(forMs);
  const after = usageOf(server.pids);
  const count = await crowd.count();
  const seconds = (performance.now() - startMs) / 1_000;
  const published = ((await publishing) * seconds * 1_000) / totalMs;
  await crowd.settled();
  return deliveryOf({ count, published, seconds, subscribers, before, after });
}

async function openCrowd(
  { port, path }: { port: number; path: string },
  { subscribers, stopped = 0, gzip = false }: DeliveryOptions,
): Promise<Crowd> {
  const crowd = await Crowd.open({ port, path, count: subscribers + stopped, gzip });
  if (stopped > 0) await crowd.stop(stopped);
  return crowd;
}

function deliveryOf(run: {
  count: CrowdCount;
  published: number;
  seconds: number;
  subscribers: number;
  before: ReturnType<typeof usageOf>;
  after: ReturnType<typeof usageOf>;
}): Delivery {
  const { count, published, seconds, subscribers, before, after } = run;
  const cpuUs = after.cpuUs - before.cpuUs;
  return {
    cpuUsPerEvent: cpuUs / count.changes,
    cpuUsPerChange: cpuUs / published,
    cpuShare: cpuUs / US_PER_SECOND / seconds,
    perSecond: count.changes / seconds,
    publishedPerSecond: published / seconds,
    deliveredShare: count.changes / (published * subscribers),
    bytesPerEvent: count.bytes / count.changes,
    p50Ms: quantile(count.latenciesUs, 0.5) / US_PER_MS,
    p99Ms: quantile(count.latenciesUs, 0.99) / US_PER_MS,
    lastDelayMs: count.lastDelayUs / US_PER_MS,
    grownBytes: after.rssBytes - before.rssBytes,
  };
}

/** One figure's runs out of several deliveries. */
export function pluck(deliveries: readonly Delivery[], name: keyof Delivery): number[] {
  return deliveries.map((delivery) => delivery[name]);
}
