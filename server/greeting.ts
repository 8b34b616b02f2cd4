/**
 * What the start prints: the URL, the tables, and where their data lives.
 *
 * @see SPEC 2
 */

import type { SourceKind } from './source/kind.ts';

/** One source, as somebody reads of it. */
export interface Served {
  /** Empty: all that a database has. */
  tables: readonly string[];
  /** `-`, a path, or a URL without its password. */
  argument: string;
  kind: SourceKind;
  follow: boolean;
  /** Tables that are posted for the first time are made there. */
  makesTables: boolean;
}

export interface Greeting {
  version: string;
  url: string;
  demo: boolean;
  create: boolean;
  sources: readonly Served[];
  /** As `--log` has them. */
  logs: readonly string[];
}

/** The lines for the terminal. */
export function greet({ version, url, demo, create, sources, logs }: Greeting): string {
  const rows: [name: string, about: string][] = sources.map((source) => [
    source.tables.join(', ') || '*',
    whereItLives(source),
  ]);
  for (const log of logs) {
    const [service = '', ...path] = log.split('=');
    rows.push([service, `the log ${path.join('=')}, followed as it grows: /api/logs/${service}`]);
  }
  if (demo) rows.push(['users', 'the demo: made-up rows in memory, gone when the server stops']);
  if (create) {
    const store = sources.find(({ makesTables }) => makesTables)?.argument ?? 'memory';
    rows.push(['…', `whatever is posted to /api/tables/<name>, kept in ${store}`]);
  }
  const width = Math.max(...rows.map(([name]) => name.length));
  const tables = rows.map(([name, about]) => `  ${name.padEnd(width)}  ${about}\n`).join('');
  return `sse-table ${version}: open ${url}/\n\n${tables}\nCtrl+C stops it.\n`;
}

function whereItLives({ argument, kind, follow, tables }: Served): string {
  switch (kind) {
    case 'sqlite':
    case 'postgres': {
      const which = tables.length === 0 ? 'every table of ' : '';
      return `${which}${argument}; the rows live there, whoever changes them`;
    }
    case 'redis':
      return `${argument}; entries live there, and are not changed`;
    case 'lines':
      if (argument === '-') return 'standard input, kept in memory';
      return `${argument}${follow ? ', followed as it grows' : ''}; kept in memory, the file is not changed`;
  }
}
