/**
 * A table on a page in a real Chromium, for tests: one browser a file, a page and a server a test.
 *
 * @see STYLE 15
 */
import type { Browser, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { findChromium, launchChromium, NO_CHROMIUM } from '../services/chromium.ts';
import type { Test } from '../suite.ts';
import { type PageServer, type StreamClient, startPageServer } from './page-server.ts';

const LIMIT = { timeoutMs: 60_000 };

/** What does not come on a busy machine within this does not come. */
const WAIT_MS = 10_000;

const WIDE = { width: 1280, height: 800 };

/** What a test of a table works with. */
export interface Scene {
  server: PageServer;
  page: Page;
  /** The newest connection. */
  client(): StreamClient;
  /** Cells of a row by its position among the drawn rows. */
  cells(at: number): Promise<string[]>;
  /** Resolves when the table's toolbar shows this count. */
  rows(count: string): Promise<void>;
}

/** Opens the page of a server; whatever the page logs as an error fails the test. */
export type SceneTest = (
  name: string,
  prepare: (server: PageServer) => void,
  body: (scene: Scene) => Promise<void>,
  viewport?: { width: number; height: number },
) => void;

/** Registers tests on a page with the suite `test`; `flags` are Chromium's. */
export function scenesOf(test: Test, flags: readonly string[] = []): { scene: SceneTest } {
  let browser: Promise<Browser> | undefined;
  test.after(async () => (await browser)?.close());
  const scene: SceneTest = (name, prepare, body, viewport = WIDE) => {
    if (findChromium() === undefined) {
      test.skip(name, NO_CHROMIUM);
      return;
    }
    test(name, LIMIT, async () => {
      browser ??= launchChromium(flags);
      await using server = await startPageServer();
      prepare(server);
      const page = await (await browser).newPage({ viewport });
      page.setDefaultTimeout(WAIT_MS);
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(String(error)));
      page.on('console', (message) => {
        const isExpected = message.text().startsWith('Failed to load resource');
        if (message.type() === 'error' && !isExpected) errors.push(message.text());
      });
      try {
        await page.goto(server.url);
        await body(sceneOn(page, server));
        assert.equal(errors, []);
      } finally {
        await page.close();
      }
    });
  };
  return { scene };
}

/** A page as it is after its server was prepared. */
export function asIs(): void {}

function sceneOn(page: Page, server: PageServer): Scene {
  return {
    server,
    page,
    client() {
      const client = server.clients.at(-1);
      if (client === undefined) throw new Error('no connection yet');
      return client;
    },
    cells: (at) => page.locator('sse-table .body .row').nth(at).locator('.cell').allTextContents(),
    rows: (count) => page.locator('sse-table .count', { hasText: count }).waitFor(),
  };
}
