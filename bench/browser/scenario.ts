/**
 * A scenario of the browser benchmark: one question asked of the element, a hand-written pool and
 * other grids, in one run.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Figure, figure } from '../measure/statistics.ts';
import type { Cell, Result } from '../result.ts';
import type { Contender } from './contenders.ts';
import { Session, type SessionOptions } from './session.ts';

/** What scenarios are run with. */
export interface BrowserBench {
  /** A trial in little time, whose figures mean little. */
  readonly quick: boolean;
  /** Runs of each contender; a figure is their median. */
  readonly rounds: number;
  readonly contenders: readonly Contender[];
  readonly pages: string;
  /** Says what is going on. */
  say(line: string): void;
}

export interface BrowserScenario {
  /** For the command line, and of its files. */
  readonly name: string;
  readonly title: string;
  /** How it is measured, in a few sentences. */
  readonly method: string;
  run(bench: BrowserBench): Promise<Result>;
}

/** Changes run this long before anything is measured: code is compiled, buffers are filled. */
const WARM_MS = 1_200;

/** The figures of one run, by name. */
export type Sample = Readonly<Record<string, number>>;

/** The samples of each contender, one item a round; by its name. */
export type Samples = ReadonlyMap<string, readonly Sample[]>;

/**
 * Runs each contender once, then all again, for all rounds: what slows the machine down for a while
 * slows all of them. `roundsOf` gives some fewer rounds. A run that fails has no figures, and is told of in `notes`.
 */
export async function takeTurns(
  bench: BrowserBench,
  contenders: readonly Contender[],
  options: Omit<SessionOptions, 'pages'>,
  run: (session: Session) => Promise<Sample>,
  notes: string[],
  roundsOf?: (contender: Contender) => number,
): Promise<Samples> {
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 1; round <= bench.rounds; round++) {
    for (const contender of contenders) {
      if (round > (roundsOf?.(contender) ?? bench.rounds)) continue;
      bench.say(`  ${round}/${bench.rounds} ${contender.name}`);
      try {
        await using session = await Session.open(contender, { ...options, pages: bench.pages });
        samples.get(contender.name)?.push(await run(session));
      } catch (error) {
        const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
        notes.push(`${contender.name}, run ${round}: no figures (${reason}).`);
      }
    }
  }
  return samples;
}

/** Lets changes run until the page has settled to them. */
export async function warmUp(bench: BrowserBench): Promise<void> {
  await sleep(bench.quick ? WARM_MS / 3 : WARM_MS);
}

/** One figure of a contender; undefined when no run gave it. */
export function figureOf(samples: Samples, contender: string, name: string): Figure | undefined {
  const values = (samples.get(contender) ?? [])
    .map((sample) => sample[name] ?? Number.NaN)
    .filter((value) => !Number.isNaN(value));
  return values.length === 0 ? undefined : figure(values);
}

/** A row for each contender, with these figures. */
export function rowsOf(samples: Samples, names: readonly string[]): Cell[][] {
  return Array.from(samples.keys(), (contender) => [
    contender,
    ...names.map((name) => figureOf(samples, contender, name) ?? '–'),
  ]);
}

/** Bars of one figure, of those that have it. */
export function barsOf(samples: Samples, name: string): { label: string; value: Figure }[] {
  return [...samples.keys()].flatMap((label) => {
    const value = figureOf(samples, label, name);
    return value === undefined ? [] : [{ label, value }];
  });
}

/** Each item beside the same of another, run by run. */
export function valuesOf(samples: Samples, contender: string, name: string): number[] {
  return (samples.get(contender) ?? []).map((sample) => sample[name] ?? Number.NaN);
}
