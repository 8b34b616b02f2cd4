/**
 * Results as Markdown: the report of all of them, and the block in the project's README.
 */
import type { Cell, Result, ResultTable, Target } from '../result.ts';
import { formatCell, formatFigure } from './format.ts';
import type { SavedResult } from './saved-result.ts';

/** Between these the README's block is written. */
export const BLOCK_BEGIN = '<!-- performance: written by `npm run bench` -->\n';
export const BLOCK_END = '<!-- end of performance -->\n';

/** The scenarios whose first chart and table the README shows, where they have been run. */
const HEADLINES = ['fan-out', 'flood'];

/** Three decimals of a core say nothing to a newcomer: the README shows only these columns. */
const HEADLINE_COLUMNS = 4;

/** How figures of the server come about. */
const INTRODUCTION = `Written by \`npm run bench\`. The figures are medians, with the least and the greatest of all runs in
brackets. Runs of different servers take turns (A B A B), each in
fresh processes, server and clients on one machine over its loopback device.`;

/** The whole report. @param introduction how its figures come about. */
export function toReport(results: readonly SavedResult[], introduction = INTRODUCTION): string {
  const [first] = results;
  if (first === undefined) return '# Benchmarks\n\nNone has been run.\n';
  const sections = results.map(
    (result) =>
      `## ${result.title}\n\n${result.method}\n\n${chartLinks(result, '')}` +
      `${result.tables.map(tableMarkdown).join('\n')}\n${targetTable(result.targets)}` +
      `${result.notes.map((note) => `${note}\n\n`).join('')}` +
      `<sub>${provenance(result)}</sub>\n`,
  );
  return `# Benchmarks

${introduction}

${machineTable(first)}
${sections.join('\n')}`;
}

/** The README's block: charts and the tables that belong to them. */
export function toBlock(results: readonly SavedResult[]): string {
  const parts = HEADLINES.flatMap((name) => {
    const result = results.find(({ scenario }) => scenario === name);
    const chart = result?.charts[0];
    if (result === undefined || chart === undefined) return [];
    const table = result.tables.find(({ rows }) => rows.length === widest(result));
    return [
      `![${chart.title}](bench/results/${chart.name}.svg)\n`,
      ...(table === undefined ? [] : [tableMarkdown(narrow(table))]),
    ];
  });
  const targets = results.flatMap((result) => result.targets);
  const [first] = results;
  if (first === undefined) return '';
  const { cores, cpu, node } = first.machine;
  return (
    `${parts.join('\n')}\n${targetTable(targets)}` +
    `${cores} cores of ${cpu}, Node ${node}, server and clients on one machine; ${runsOf(first)}. Method, all figures and charts: ` +
    '[bench/results](bench/results/README.md).\n'
  );
}

/**
 * `readme` with its block replaced.
 * @throws {Error} when it has no marks for one.
 */
export function putBlock(readme: string, block: string): string {
  const [before, rest] = readme.split(BLOCK_BEGIN);
  const after = rest?.split(BLOCK_END)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`the README lacks the marks ${BLOCK_BEGIN.trim()} and ${BLOCK_END.trim()}`);
  }
  return `${before}${BLOCK_BEGIN}\n${block}\n${BLOCK_END}${after}`;
}

function widest({ tables }: Result): number {
  return Math.max(...tables.map(({ rows }) => rows.length));
}

function narrow({ title, columns, rows }: ResultTable): ResultTable {
  return {
    title,
    columns: columns.slice(0, HEADLINE_COLUMNS),
    rows: rows.map((row) => row.slice(0, HEADLINE_COLUMNS)),
  };
}

function tableMarkdown({ title, columns, rows }: ResultTable): string {
  const head = `| ${columns.join(' | ')} |\n|---|${'---:|'.repeat(columns.length - 1)}\n`;
  return `**${title}**\n\n${head}${rows.map(rowMarkdown).join('')}`;
}

function rowMarkdown(cells: readonly Cell[]): string {
  return `| ${cells.map(formatCell).join(' | ')} |\n`;
}

function targetTable(targets: readonly Target[]): string {
  if (targets.length === 0) return '';
  const rows = targets.map(
    ({ what, target, measured, isMet }) =>
      `| ${what} | ${target} | ${formatFigure(measured)} | ${isMet ? 'yes' : '**no**'} |\n`,
  );
  return `| target | wanted | measured | met |\n|---|---:|---:|---|\n${rows.join('')}\n`;
}

function chartLinks({ charts }: Result, folder: string): string {
  return charts.map(({ name, title }) => `![${title}](${folder}${name}.svg)\n\n`).join('');
}

function machineTable({ machine, peers }: SavedResult): string {
  const { cpu, cores, memoryGib, system, node, browser } = machine;
  return (
    `| | |\n|---|---|\n| processor | ${cores} × ${cpu} |\n| memory | ${memoryGib} GiB |\n` +
    `| system | ${system} |\n| Node | ${node} |\n${browser === undefined ? '' : `| browser | ${browser} |\n`}| peers | ${peers.present.join(', ')} |\n` +
    `| absent | ${peers.absent.join('; ') || 'none'} |\n`
  );
}

function provenance({ date, rounds, quick, machine }: SavedResult): string {
  const runs = runsOf({ rounds });
  const kind = quick ? `${runs}, --quick: a trial, no figures to quote` : runs;
  return `${date.slice(0, 10)}, sse-table ${machine.version}, ${kind}, load average before ${machine.loadBefore}`;
}

function runsOf({ rounds }: Pick<SavedResult, 'rounds'>): string {
  return rounds === 1 ? 'one run' : `medians of ${rounds} runs, least and greatest in brackets`;
}
