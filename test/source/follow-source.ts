/** An app that serves one source over HTTP, and what it says of it, for the tests of sources. */
import { createApp } from '../../server/app.ts';
import type { App } from '../../server/app-contract.ts';
import { systemClock } from '../../server/base/clock.ts';
import type { Options } from '../../server/options.ts';
import type { Source } from '../../server/source/source.ts';
import type { Json, Row } from '../../server/wire/change.ts';

/** How long anything may take that is waited for, on a busy machine. */
const LIMIT_MS = 8_000;

export class Following implements AsyncDisposable {
  readonly app: App;
  readonly logged: string[] = [];
  url = '';

  private constructor(source: Source, options: Partial<Options>) {
    const log = (message: string): void => {
      this.logged.push(message);
    };
    this.app = createApp(
      { grace: 500, ...options },
      { clock: systemClock, log: { debug: log, info: log, warn: log, error: log } },
    );
    this.app.attach(source);
  }

  static async start(source: Source, options: Partial<Options> = {}): Promise<Following> {
    const following = new Following(source, options);
    following.url = (await following.app.listen(0, '127.0.0.1')).url;
    return following;
  }

  /** Rows of a table, in its order; undefined: there is none. */
  rows(table: string): Row[] | undefined {
    return this.app.tables.get(table)?.rows();
  }

  /** Waits until something is so. @throws {Error} with what it was, where it does not become so. */
  async until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    await until(what, isSo, () => this.logged.join('\n'));
  }

  /** Waits until a table has just these rows, in this order. */
  async shows(table: string, rows: readonly Row[]): Promise<void> {
    const wanted = JSON.stringify(rows);
    const held = (): string => JSON.stringify(this.rows(table));
    await until(`table ${table} shows ${wanted}`, () => held() === wanted, held);
  }

  /** A request with a JSON body. */
  async send(method: string, path: string, body?: Json): Promise<{ status: number; body: Row }> {
    const response = await fetch(`${this.url}/api/tables/${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Row };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
  }
}

/** Looks again and again. @throws {Error} after 8 s, with what `describe` says. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  describe: () => string = () => '',
): Promise<void> {
  const endMs = performance.now() + LIMIT_MS;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`never: ${what}\n${describe()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Rows as JSON, in order of their keys, columns in order of their names. */
export function textOf(rows: Iterable<Row>, key = 'id'): string {
  const lines = Array.from(rows, (row): [string, string] => [
    String(row[key]),
    JSON.stringify(row, Object.keys(row).sort()),
  ]);
  return lines
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, text]) => text)
    .join('\n');
}
