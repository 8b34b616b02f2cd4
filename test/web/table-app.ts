/**
 * The real server with the element's built files and one page, for tests of what goes both ways.
 *
 * @see STYLE 15, FRONTEND 6
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { PUBLIC_FILES } from '../../server/http/static-files.ts';
import type { LiveTable } from '../../server/index.ts';
import type { Row } from '../../server/wire/change.ts';
import { withApp } from '../http/server.ts';
import { findChromium, launchChromium, NO_CHROMIUM } from '../services/chromium.ts';
import type { Test } from '../suite.ts';

const LIMIT = { timeoutMs: 60_000 };
const WAIT_MS = 10_000;

/** What `npm test` has built. */
const PAGE = join(import.meta.dirname, '../../dist/page');

/** A table on the page of the real server. */
export interface TableScene {
  page: Page;
  /** Table `users` of the server. */
  table: LiveTable<Row>;
  url: string;
  /** Adds rows, or replaces them. */
  put(...rows: Row[]): void;
  /** The cell of a row in a column, by their names. */
  cell(key: string, column: number): ReturnType<Page['locator']>;
}

export interface TableAppOptions {
  /** The page's body. */
  body: string;
  rows: Row[];
  /** Whether the page runs scripts. */
  hasScript?: boolean;
}

/** Registers tests with the suite `test`; all share a browser. */
export function tableApps(test: Test) {
  let browser: Promise<Browser> | undefined;
  test.after(async () => (await browser)?.close());
  return (name: string, options: TableAppOptions, body: (scene: TableScene) => Promise<void>) => {
    if (findChromium() === undefined) {
      test.skip(name, NO_CHROMIUM);
      return;
    }
    test(name, LIMIT, async () => {
      browser ??= launchChromium();
      const page = await (await browser).newPage({ javaScriptEnabled: options.hasScript ?? true });
      page.setDefaultTimeout(WAIT_MS);
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(String(error)));
      await withApp({}, (running) => run(page, running, options, body), { page: files(options) });
      assert.equal(errors, []);
    });
  };
}

type Running = Parameters<Parameters<typeof withApp>[1]>[0];

async function run(
  page: Page,
  { app, url }: Running,
  options: TableAppOptions,
  body: (scene: TableScene) => Promise<void>,
): Promise<void> {
  const table = app.table<Row>('users');
  const put = (...rows: Row[]) => {
    table.upsert(rows);
  };
  put(...options.rows);
  await page.goto(url);
  const scene: TableScene = {
    page,
    table,
    url,
    put,
    cell: (key, column) =>
      page
        .locator('sse-table .body .row')
        .filter({ has: page.locator('.cell:first-child', { hasText: new RegExp(`^${key}$`) }) })
        .locator(`.cell:nth-child(${column})`),
  };
  try {
    await body(scene);
  } finally {
    await page.close(); // before the server, which would be asked again
  }
}

function files({ body }: TableAppOptions): Map<string, Buffer> {
  const built = new Map<string, Buffer>();
  for (const name of PUBLIC_FILES) built.set(name, readFileSync(join(PAGE, name)));
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Test</title>
    <script type="module" src="/sse-table.js"></script></head><body>${body}</body></html>`;
  return built.set('index.html', Buffer.from(html));
}
