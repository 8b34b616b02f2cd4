/**
 * A Scenario: one question asked of the server and its peers in one run.
 */
import { maxOpenFiles } from './measure/process-usage.ts';
import type { PeerName, Peers } from './peers/peers.ts';
import type { Result } from './result.ts';
import type { Contender } from './servers/fan-out-server.ts';

/** Files a server has open beside its clients' sockets. */
const SPARE_FILES = 100;

/** What scenarios are run with. */
export interface Bench {
  /** A trial in little time: fewer, shorter, smaller runs, whose figures mean little. */
  readonly quick: boolean;
  /** Runs of each contender; a figure is their median. */
  readonly rounds: number;
  readonly peers: Peers;
  /** Says what is going on. */
  say(line: string): void;
}

export interface Scenario {
  /** For the command line, and of its files. */
  readonly name: string;
  readonly title: string;
  /** How it is measured, in a few sentences. */
  readonly method: string;
  /** Who takes part beside us, where they can be had. */
  readonly peers: readonly PeerName[];
  run(bench: Bench): Promise<Result>;
}

/**
 * Runs each entry of `runs` once, then all again, for all rounds: A B A B, so that what slows the
 * machine down for a while slows all of them.
 * @returns what each gave, by name, one item a round.
 */
export async function interleave<T>(
  bench: Bench,
  runs: ReadonlyMap<string, () => Promise<T>>,
): Promise<Map<string, T[]>> {
  const results = new Map<string, T[]>(Array.from(runs.keys(), (name) => [name, []]));
  for (let round = 1; round <= bench.rounds; round++) {
    for (const [name, run] of runs) {
      bench.say(`  ${round}/${bench.rounds} ${name}`);
      results.get(name)?.push(await run());
    }
  }
  return results;
}

/** How long a run publishes, before and while it is measured. */
export function spell(bench: Bench, forMs: number): { warmMs: number; forMs: number } {
  return bench.quick ? { warmMs: 200, forMs: 400 } : { warmMs: 700, forMs };
}

/** The contender and those of `names` that are here. */
export function withPeers(bench: Bench, ours: Contender, names: readonly PeerName[]): Contender[] {
  const peers = names.map((name) => bench.peers.found[name]);
  return [ours, ...peers.filter((peer) => peer !== undefined)];
}

/** Those of `sizes` for which a process may open enough sockets; the others get a note. */
export function possible(sizes: readonly number[], notes: string[]): number[] {
  const max = maxOpenFiles() - SPARE_FILES;
  const tooLarge = sizes.filter((size) => size > max);
  if (tooLarge.length > 0) {
    notes.push(
      `${tooLarge.join(', ')} subscribers left out: a process may open ${maxOpenFiles()} files (ulimit -Hn).`,
    );
  }
  return sizes.filter((size) => size <= max);
}
