/**
 * `npm run bench:browser`: measures the element in Chromium beside a hand-written pool and other grids,
 * prints what it finds, and writes the report.
 *
 *   npm run bench:browser                    everything, half an hour; rewrites bench/results/browser
 *   npm run bench:browser -- load scroll     these scenarios only; the others' figures stay
 *   npm run bench:browser -- --quick         a trial within two minutes; its report goes to a temporary folder
 *   npm run bench:browser -- --rounds 5      more runs of each
 *   npm run bench:browser -- --out <folder>  writes there instead
 *
 * @see FRONTEND 1, 2
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { launchChromium } from '../../test/services/chromium.ts';
import { describeMachine } from '../report/machine.ts';
import { toReport } from '../report/markdown.ts';
import { loadResults, saveResult } from '../report/saved-result.ts';
import { toSvg } from '../report/svg.ts';
import { toText } from '../report/terminal.ts';
import { gatherContenders, OURS, POOL } from './contenders.ts';
import type { BrowserScenario } from './scenario.ts';
import { churn } from './scenarios/churn.ts';
import { hidden } from './scenarios/hidden.ts';
import { load } from './scenarios/load.ts';
import { RATE_SCENARIOS } from './scenarios/rate.ts';
import { scroll } from './scenarios/scroll.ts';

const SCENARIOS: readonly BrowserScenario[] = [...RATE_SCENARIOS, load, scroll, churn, hidden];

const RESULTS = join(import.meta.dirname, '../results/browser');

const ROUNDS = 3;

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

const INTRODUCTION = `Written by \`npm run bench:browser\`: the element, a pool of rows written by hand for this one table, and
other grids, in headless Chromium. Each run has a fresh browser and a fresh server; runs of different grids
take turns (A B A B). All read the same stream with the same parser, show seven columns as plain text in rows of
40 px, 1,200 × 800 px, and gather changes for 100 ms before they draw. The element marks what changed, as it does
by default; the others mark nothing. Figures are medians, with the least and the greatest of all runs in brackets.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    out: { type: 'string' },
  },
});
const names = SCENARIOS.map(({ name }) => name);
const unknown = positionals.find((name) => !names.includes(name));
if (unknown !== undefined) fail(`no scenario ${unknown}; there are ${names.join(', ')}`);
const { quick } = values;
const rounds = Number(values.rounds ?? (quick ? 1 : ROUNDS));
if (!Number.isInteger(rounds) || rounds < 1) fail(`--rounds ${values.rounds} is not 1, 2, 3 …`);
const folder = values.out ?? (quick ? join(tmpdir(), 'sse-table-bench-browser-quick') : RESULTS);

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(EXIT_FAILED));
mkdirSync(folder, { recursive: true });
say('Bundling pages; peers that are missing are downloaded once …');
using contenders = await gatherContenders();
for (const reason of contenders.absent) say(`absent: ${reason}`);
const browser = await launchChromium();
const chromium = `Chromium ${browser.version()}`;
await browser.close();
for (const scenario of SCENARIOS) {
  if (positionals.length > 0 && !positionals.includes(scenario.name)) continue;
  try {
    await runScenario(scenario);
  } catch (error) {
    const reason = error instanceof Error ? error.stack : String(error);
    process.stderr.write(`${scenario.name} failed: ${reason}\n`);
    process.exitCode = EXIT_FAILED;
  }
}
writeFileSync(join(folder, 'README.md'), toReport(loadResults(folder, names), INTRODUCTION));
say(`\nWritten to ${folder}`);

async function runScenario({ name, title, method, run }: BrowserScenario): Promise<void> {
  say(`\n${title} (${name})`);
  const machine = describeMachine();
  const startMs = performance.now();
  const { all, pages } = contenders;
  // A trial shows that all works, not how it compares with everybody.
  const taking = quick ? all.slice(0, 3) : all;
  const result = await run({ quick, rounds, contenders: taking, pages, say });
  say(`\n${toText(result)}\n${Math.round((performance.now() - startMs) / 1_000)} s`);
  const present = all.filter(({ page }) => page !== OURS.page && page !== POOL.page);
  saveResult(folder, {
    scenario: name,
    title,
    method,
    date: new Date().toISOString(),
    rounds,
    quick,
    machine: { ...machine, browser: chromium },
    peers: { present: present.map((peer) => peer.name), absent: [...contenders.absent] },
    ...result,
  });
  for (const chart of result.charts) writeFileSync(join(folder, `${chart.name}.svg`), toSvg(chart));
}

function fail(message: string): never {
  process.stderr.write(`bench:browser: ${message}\n`);
  process.exit(EXIT_USAGE);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
