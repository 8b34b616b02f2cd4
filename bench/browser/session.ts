/**
 * One run of one contender: a fresh server, a fresh browser, and what can be measured between them.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LineChild, numberOf } from '../measure/line-child.ts';
import { quantile } from '../measure/statistics.ts';
import type { Contender } from './contenders.ts';
import type { Frames, LoadTimes } from './page/probe.ts';
import { type Metrics, Tab } from './tab.ts';

const SERVER = join(import.meta.dirname, 'stream-server.ts');

const MS_PER_SECOND = 1_000;

/** What the main thread spent in a second, in ms. */
export interface MainThread {
  taskMs: number;
  scriptMs: number;
  layoutMs: number;
  styleMs: number;
}

/** How evenly frames came. */
export interface FrameRate {
  perSecond: number;
  p95GapMs: number;
  longestGapMs: number;
  /** From a change on the server to the frame that shows it; NaN where none was seen. */
  p50LatencyMs: number;
  p95LatencyMs: number;
  blankFrames: number;
  mostBlankPx: number;
}

export interface SessionOptions {
  readonly rows: number;
  readonly sorted?: boolean;
  /** Where the contenders' pages are. */
  readonly pages: string;
}

/** The run. Disposing of it ends server and browser. */
export class Session implements AsyncDisposable {
  readonly tab: Tab;
  /** Rows were to be seen after so long. */
  readonly load: LoadTimes;
  readonly #server: LineChild;

  /** Opens the contender's page and waits until it shows all rows. */
  static async open({ page }: Contender, options: SessionOptions): Promise<Session> {
    const { rows, sorted = false, pages } = options;
    const args = [SERVER, `--rows=${rows}`, `--pages=${pages}`];
    const server = new LineChild(process.execPath, args);
    try {
      const port = numberOf(await server.ready, 'port');
      const url = `http://127.0.0.1:${port}/${page}?rows=${rows}${sorted ? '&sorted' : ''}`;
      const tab = await Tab.open(url);
      try {
        return new Session(server, tab, await loadTimes(tab));
      } catch (error) {
        await tab[Symbol.asyncDispose]();
        throw error;
      }
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(server: LineChild, tab: Tab, load: LoadTimes) {
    this.#server = server;
    this.tab = tab;
    this.load = load;
  }

  /** So many changes a second from now on; see stream-server.ts. */
  async change(order: 'trade' | 'turnover', perSecond: number): Promise<void> {
    await this.#server.ask(`${order} ${perSecond}`);
  }

  /** No more changes. @returns how many there have been. */
  async rest(): Promise<number> {
    return numberOf(await this.#server.ask('rest'), 'published');
  }

  /** The main thread's work for some time, while nothing else looks at the page. */
  async mainThread(forMs: number): Promise<MainThread> {
    const before = await this.tab.metrics();
    await sleep(forMs);
    const after = await this.tab.metrics();
    const seconds = spent('Timestamp', before, after);
    const perSecond = (name: string) => (spent(name, before, after) * MS_PER_SECOND) / seconds;
    return {
      taskMs: perSecond('TaskDuration'),
      scriptMs: perSecond('ScriptDuration'),
      layoutMs: perSecond('LayoutDuration'),
      styleMs: perSecond('RecalcStyleDuration'),
    };
  }

  /** Frames of some time, scrolling by so many px in each. */
  async frames(forMs: number, pxPerFrame = 0): Promise<FrameRate> {
    const frames: Frames = Object(await this.tab.evaluate(`bench.frames(${forMs}, ${pxPerFrame})`));
    const gaps = frames.gapsMs.toSorted((a, b) => a - b);
    const latencies = frames.latenciesMs.toSorted((a, b) => a - b);
    const at = (sorted: number[], share: number) =>
      sorted.length === 0 ? Number.NaN : quantile(sorted, share);
    const totalMs = gaps.reduce((sum, gap) => sum + gap, 0);
    return {
      perSecond: (gaps.length * MS_PER_SECOND) / totalMs,
      p95GapMs: at(gaps, 0.95),
      longestGapMs: at(gaps, 1),
      p50LatencyMs: at(latencies, 0.5),
      p95LatencyMs: at(latencies, 0.95),
      blankFrames: frames.blank,
      mostBlankPx: frames.mostBlankPx,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tab[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
  }
}

async function loadTimes(tab: Tab): Promise<LoadTimes> {
  const wait = `new Promise((resolve) => {
    const look = () => globalThis.bench === undefined ? setTimeout(look, 5) : resolve(bench.loaded);
    look();
  })`;
  return Object(await tab.evaluate(wait));
}

function spent(name: string, before: Metrics, after: Metrics): number {
  return (after[name] ?? Number.NaN) - (before[name] ?? Number.NaN);
}
