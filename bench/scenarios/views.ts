/**
 * What a change costs when many distinct views of one table are streamed: with an equality filter,
 * which an index finds, and without one, where each view is asked.
 */
import { systemClock } from '../../server/base/clock.ts';
import { Channels } from '../../server/stream/channels.ts';
import type { Sink } from '../../server/stream/sink.ts';
import { Table } from '../../server/table/table.ts';
import { parseView } from '../../server/table/view/parse-view.ts';
import { Growth } from '../measure/growth.ts';
import { figure, ratio } from '../measure/statistics.ts';
import { atMost, type Result, type ResultTable } from '../result.ts';
import { type Bench, interleave, type Scenario } from '../scenario.ts';

const ROWS = 10_000;

const VIEWS = [1, 10, 100, 1_000];

/** Flushed one by one, and a hundred with one flush. */
const CHANGES_A_TURN = [1, 100];

const CHANGES = 10_000;

const KINDS = { equality: 'city=eq.…', range: 'city=gt.…' } as const;

interface Run {
  cpuUs: number;
  framesPerChange: number;
}

/** Takes all it is given: what a socket costs is measured elsewhere. */
class NoSocket implements Sink {
  readonly chunked = true;

  write(): boolean {
    return true;
  }

  pendingBytes(): number {
    return 0;
  }

  end(): void {}

  destroy(): void {}
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * CPU for a change. Cities are as many as views, and each row stays in its city, so that every change
 * is one view's, whatever their number: with a range filter it is one that all others are asked for.
 */
async function measure(
  kind: keyof typeof KINDS,
  views: number,
  changesATurn: number,
  changes: number,
): Promise<Run> {
  const table = new Table({ name: 't', key: 'id', epoch: 'bench' });
  const channels = new Channels({
    clock: systemClock,
    random: Math.random,
    maxViews: views,
    ringFrames: 1_024,
    ringBytes: 8 * 1_024 * 1_024,
    flushMs: 0,
    heartbeatMs: 600_000,
    stallTimeoutMs: 600_000,
    maxLifetimeMs: 0,
    retryMs: 2_000,
  });
  const cityOf = (id: number): string => `c${String(id % views).padStart(4, '0')}`;
  table.apply(
    Array.from({ length: ROWS }, (_, id) => ({
      type: 'add',
      data: { id, city: cityOf(id), n: 0 },
    })),
  );
  for (let city = 0; city < views; city++) {
    // One above the others passes no row: the changes are those of the last city.
    const filter = kind === 'equality' ? `eq.${cityOf(city)}` : `gt.z${city}`;
    const query = kind === 'range' && city === 0 ? 'city=gt.a' : `city=${filter}`;
    const view = parseView(new URLSearchParams(query), table);
    channels.of(table, { full: false, view }).join(new NoSocket(), { lastEventId: undefined });
  }
  let n = 0;
  const turn = async (): Promise<void> => {
    for (let i = 0; i < changesATurn; i++) {
      n++;
      table.apply([{ type: 'update', data: { id: (n * 7_919) % ROWS, n } }]);
    }
    await nextTurn();
    await nextTurn(); // the flush is over, whichever of the two came first
  };
  while (n < changes / 4) await turn();
  const framesBefore = channels.stats().framesEncoded;
  const first = n;
  const before = process.cpuUsage();
  while (n < first + changes) await turn();
  const { user, system } = process.cpuUsage(before);
  const frames = channels.stats().framesEncoded - framesBefore;
  channels.close();
  return { cpuUs: (user + system) / (n - first), framesPerChange: frames / (n - first) };
}

async function run(bench: Bench): Promise<Result> {
  const result: Result = { tables: [], charts: [], targets: [], notes: [] };
  const changes = bench.quick ? CHANGES / 10 : CHANGES;
  for (const changesATurn of CHANGES_A_TURN) {
    const title = changesATurn === 1 ? 'one change at a time' : `${changesATurn} changes a flush`;
    bench.say(` ${title}`);
    const growth = new Growth();
    const rows: ResultTable['rows'][number][] = [];
    for (const kind of ['equality', 'range'] as const) {
      const measured = await interleave(
        bench,
        new Map(
          VIEWS.map((views) => [
            `${views} ${kind}`,
            () => measure(kind, views, changesATurn, changes),
          ]),
        ),
      );
      const cpuOf = (views: number) =>
        (measured.get(`${views} ${kind}`) ?? []).map(({ cpuUs }) => cpuUs);
      for (const views of VIEWS) {
        const cpu = figure(cpuOf(views));
        const frames = (measured.get(`${views} ${kind}`) ?? []).map((one) => one.framesPerChange);
        growth.add(KINDS[kind], views, cpu);
        rows.push([KINDS[kind], views, cpu, ratio(cpuOf(views), cpuOf(1)), figure(frames)]);
      }
      if (kind === 'equality' && changesATurn === 1) {
        const against = ratio(cpuOf(1_000), cpuOf(1));
        result.targets.push(atMost('CPU for a change, 1,000 equality views ÷ 1', 3, against));
      }
    }
    result.tables.push({
      title: `Distinct views of one table, ${title}`,
      columns: ['filter', 'views', 'CPU µs/change', '÷ 1 view', 'frames/change'],
      rows,
    });
    result.charts.push(
      growth.chart({
        name: changesATurn === 1 ? 'views' : 'views-gathered',
        title: `CPU for one change, ${title}`,
        xTitle: 'distinct views',
        yTitle: 'µs',
      }),
    );
  }
  result.notes.push(
    'Changes that one flush gathers share a frame when they are one view’s, and are a frame each ' +
      'when each is another’s: there the writes grow, not the search for the view.',
  );
  return result;
}

export const views: Scenario = {
  name: 'views',
  title: 'Distinct views',
  method:
    `A table of ${ROWS.toLocaleString('en')} rows, one subscriber to each view, no sockets: CPU of ` +
    'applying a change, finding the view it is in, encoding it and giving it to the subscriber.',
  peers: [],
  run,
};
