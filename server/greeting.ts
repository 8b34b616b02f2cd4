/**
 * What the start prints: the URL, the tables, and where their data lives.
 *
 * @see SPEC 2
 */

/** One source, as somebody reads of it. */
export interface Served {
  table: string;
  /** `-` or a path, as given. */
  argument: string;
  follow: boolean;
}

export interface Greeting {
  version: string;
  url: string;
  demo: boolean;
  create: boolean;
  sources: readonly Served[];
}

/** The lines for the terminal. */
export function greet({ version, url, demo, create, sources }: Greeting): string {
  const rows: [name: string, about: string][] = sources.map(({ table, argument, follow }) => [
    table,
    argument === '-'
      ? 'standard input, kept in memory'
      : `${argument}${follow ? ', followed as it grows' : ''}; kept in memory, the file is not changed`,
  ]);
  if (demo) rows.push(['users', 'the demo: made-up rows in memory, gone when the server stops']);
  if (create) rows.push(['…', 'whatever is posted to /api/tables/<name>, kept in memory']);
  const width = Math.max(...rows.map(([name]) => name.length));
  const tables = rows.map(([name, about]) => `  ${name.padEnd(width)}  ${about}\n`).join('');
  return `sse-table ${version}: open ${url}/\n\n${tables}\nCtrl+C stops it.\n`;
}
