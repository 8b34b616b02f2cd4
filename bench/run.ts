/**
 * `npm run bench`: measures the server and its peers, prints what it finds, and writes the report.
 *
 *   npm run bench                        everything; rewrites bench/results and the README's block
 *   npm run bench -- fan-out gzip        these scenarios only; the others' figures stay
 *   npm run bench -- --quick             a trial within two minutes; its report goes to a temporary folder
 *   npm run bench -- --rounds 7          more runs of each
 *   npm run bench -- --out <folder>      writes there instead, and leaves the README alone
 *
 * @see SPEC; DESIGN 3, 4
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findPeers, type Peers } from './peers/peers.ts';
import { describeMachine } from './report/machine.ts';
import { putBlock, toBlock, toReport } from './report/markdown.ts';
import { loadResults, saveResult } from './report/saved-result.ts';
import { toSvg } from './report/svg.ts';
import { toText } from './report/terminal.ts';
import type { Bench, Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';

const RESULTS = join(import.meta.dirname, 'results');

const README = join(import.meta.dirname, '../README.md');

/** A median of fewer says little. */
const ROUNDS = 5;

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

interface Command {
  scenarios: readonly Scenario[];
  quick: boolean;
  rounds: number;
  folder: string;
}

/** What was asked for; a mistake ends the program with a line that names it. */
function readCommand(): Command {
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
  return {
    scenarios: SCENARIOS.filter(
      ({ name }) => positionals.length === 0 || positionals.includes(name),
    ),
    quick,
    rounds,
    folder: values.out ?? (quick ? join(tmpdir(), 'sse-table-bench-quick') : RESULTS),
  };
}

function fail(message: string): never {
  process.stderr.write(`bench: ${message}\n`);
  process.exit(EXIT_USAGE);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function runScenario(scenario: Scenario, bench: Bench, folder: string): Promise<void> {
  const { name, title, method } = scenario;
  say(`\n${title} (${name})`);
  const machine = describeMachine();
  const startMs = performance.now();
  const result = await scenario.run(bench);
  say(`\n${toText(result)}\n${Math.round((performance.now() - startMs) / 1_000)} s`);
  saveResult(folder, {
    scenario: name,
    title,
    method,
    date: new Date().toISOString(),
    rounds: bench.rounds,
    quick: bench.quick,
    machine,
    peers: namesOf(bench.peers),
    ...result,
  });
  for (const chart of result.charts) writeFileSync(join(folder, `${chart.name}.svg`), toSvg(chart));
}

function namesOf({ found, absent }: Peers): { present: string[]; absent: string[] } {
  return { present: Object.values(found).map(({ name }) => name), absent: [...absent] };
}

function writeReports(folder: string): void {
  const results = loadResults(
    folder,
    SCENARIOS.map(({ name }) => name),
  );
  writeFileSync(join(folder, 'README.md'), toReport(results));
  say(`\nWritten to ${folder}`);
  if (folder !== RESULTS) return;
  writeFileSync(README, putBlock(readFileSync(README, 'utf8'), toBlock(results)));
  say("and the README's section on performance");
}

// So that what is to happen at `exit` does.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(EXIT_FAILED));

const { scenarios, quick, rounds, folder } = readCommand();
mkdirSync(folder, { recursive: true });
const names = new Set(scenarios.flatMap((scenario) => scenario.peers));
if (names.size > 0) say('Looking for peers; what is missing is downloaded once …');
const peers = await findPeers(names, quick);
for (const reason of peers.absent) say(`absent: ${reason}`);
for (const scenario of scenarios) {
  try {
    await runScenario(scenario, { quick, rounds, peers, say }, folder);
  } catch (error) {
    // The others' figures stand for themselves: half an hour's run is not thrown away.
    const reason = error instanceof Error ? error.stack : String(error);
    process.stderr.write(`${scenario.name} failed: ${reason}\n`);
    process.exitCode = EXIT_FAILED;
  }
}
writeReports(folder);
