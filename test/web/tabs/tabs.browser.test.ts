/**
 * Tabs that share one connection, in Chromium against the real server over HTTP/1.1, with the files of
 * the build.
 *
 * @see FRONTEND 4 "one per browser across tabs", 6 "ten tabs"
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { createApp } from '../../../server/app.ts';
import type { App } from '../../../server/app-contract.ts';
import { loadPage } from '../../../server/page.ts';
import { findChromium, launchChromium, NO_CHROMIUM } from '../../services/chromium.ts';
import { suite } from '../../suite.ts';

const test = suite('tabs');
const LIMIT = { timeoutMs: 90_000 };

/** More than one part of a snapshot. */
const ROWS = 2_500;

const HTML = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Tab</title>
  <script type="module" src="/sse-table.js"></script>
  <sse-table src="/api/tables/orders/stream"></sse-table></html>`;

interface Opened {
  app: App;
  /** Opens a tab. */
  open(path?: string): Promise<Page>;
  context: BrowserContext;
  /** Streams that the server has open. */
  connections(): Promise<number>;
}

let browser: Browser | undefined;
test.after(async () => browser?.close());

async function withTabs(body: (opened: Opened) => Promise<void>): Promise<void> {
  browser ??= await launchChromium();
  const page = new Map([
    ...loadPage(),
    ['tab.html', Buffer.from(HTML)],
    [
      'off.html',
      Buffer.from(HTML.replace('<script', '<meta name="sse-table-tabs" content="off"><script')),
    ],
  ]);
  const app = createApp({ grace: 100, retry: 50, heartbeat: 1_000 }, { page });
  const orders = app.table('orders');
  orders.apply(Array.from({ length: ROWS }, (_, id) => ({ type: 'add', data: { id, n: 0 } })));
  const { url } = await app.listen(0);
  const context = await browser.newContext();
  const errors: string[] = [];
  context.on('weberror', (error) => errors.push(String(error.error())));
  try {
    await body({
      app,
      context,
      async open(path = 'tab.html') {
        const tab = await context.newPage();
        await tab.goto(`${url}/${path}`);
        return tab;
      },
      async connections() {
        const metrics = await (await fetch(`${url}/api/metrics`)).text();
        return Number(/"total_connections":(\d+)/.exec(metrics)?.[1]);
      },
    });
    assert.equal(errors, []);
  } finally {
    await context.close();
    await app.close();
  }
}

/** A row per line: what the tab holds, in order. */
function held(tab: Page): Promise<string> {
  return tab.locator('sse-table').evaluate((element) => {
    const rows: unknown = Reflect.get(element, 'rows');
    const isIterable = typeof rows === 'object' && rows !== null && Symbol.iterator in rows;
    return isIterable
      ? Array.from(rows as Iterable<unknown>, (row) => JSON.stringify(row))
          .sort()
          .join('\n')
      : '';
  });
}

function holds(app: App): string {
  return Array.from(app.table('orders').rows(), (row) => JSON.stringify(row))
    .sort()
    .join('\n');
}

/** Waits until each tab holds what the server does. */
async function agree(app: App, tabs: readonly Page[]): Promise<void> {
  for (const [index, tab] of tabs.entries()) {
    await until(`tab ${index} holds the rows`, async () => (await held(tab)) === holds(app));
  }
}

async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`not within 30 s: ${what}`);
    await pause(50);
  }
}

/** Changes rows all the while. @returns the stop. */
function churn(app: App): () => void {
  let n = 0;
  const timer = setInterval(() => {
    n++;
    app.table('orders').apply([
      { type: 'update', data: { id: (n * 7) % ROWS, n } },
      { type: 'add', data: { id: ROWS + n, n } },
      { type: 'delete', data: { id: (n * 13) % ROWS } },
    ]);
  }, 5);
  return () => clearInterval(timer);
}

/** Counts snapshots that the tab is told from now on. */
async function countSnapshots(tab: Page): Promise<() => Promise<number>> {
  await tab.locator('sse-table').evaluate((element) => {
    Reflect.set(window, 'inits', 0);
    const feed = Reflect.get(element, 'feed');
    feed.on('event', ({ type }: { type: string }) => {
      if (type === 'init') Reflect.set(window, 'inits', Reflect.get(window, 'inits') + 1);
    });
  });
  return () => tab.evaluate(() => Number(Reflect.get(window, 'inits')));
}

if (findChromium() === undefined) {
  test.skip('all', NO_CHROMIUM);
} else {
  test('ten tabs, opened at once while rows change: one connection, all rows in each', LIMIT, () =>
    withTabs(async ({ app, open, connections }) => {
      const stop = churn(app);
      const tabs = await Promise.all(Array.from({ length: 10 }, () => open()));
      for (const tab of tabs) await tab.locator('sse-table .row').first().waitFor();
      stop();
      await agree(app, tabs);
      assert.is(await connections(), 1);
    }),
  );

  test(
    'the leader closed, again and again: the next resumes, no tab lacks or reloads anything',
    LIMIT,
    () =>
      withTabs(async ({ app, open, connections }) => {
        const tabs: Page[] = [];
        for (let count = 0; count < 4; count++) tabs.push(await open());
        await agree(app, tabs);
        const counts = await Promise.all(tabs.map(countSnapshots));
        while (tabs.length > 1) {
          await tabs.shift()?.close(); // locks go by the order of asking: the oldest leads
          counts.shift();
          app.table('orders').apply([{ type: 'update', data: { id: 1, n: 100 + tabs.length } }]);
          await agree(app, tabs);
          await until('one connection', async () => (await connections()) === 1);
        }
        for (const count of counts) assert.is(await count(), 0);
      }),
  );

  test('the leader closed under load: all rows right', LIMIT, () =>
    withTabs(async ({ app, open, connections }) => {
      const tabs: Page[] = [];
      for (let count = 0; count < 4; count++) tabs.push(await open());
      await agree(app, tabs);
      const stop = churn(app);
      await tabs.shift()?.close();
      tabs.push(await open());
      await tabs.shift()?.close();
      await tabs[0]?.waitForTimeout(300);
      stop();
      await agree(app, tabs);
      await until('one connection', async () => (await connections()) === 1);
    }),
  );

  test('a leader that is frozen: its lock is taken, and it follows when it is back', LIMIT, () =>
    withTabs(async ({ app, open, connections }) => {
      const leader = await open();
      const follower = await open();
      await agree(app, [leader, follower]);
      // As its followers see it: it neither passes anything on nor answers.
      await leader.evaluate(() => {
        const { prototype } = BroadcastChannel;
        const post = prototype.postMessage;
        prototype.postMessage = () => undefined;
        Reflect.set(window, 'thaw', () => {
          prototype.postMessage = post;
        });
      });
      app.table('orders').apply([{ type: 'update', data: { id: 1, n: 1 } }]);
      await agree(app, [follower]);
      await leader.evaluate(() => Reflect.get(window, 'thaw')());
      app.table('orders').apply([{ type: 'update', data: { id: 2, n: 2 } }]);
      await agree(app, [leader, follower]);
      await until('one connection', async () => (await connections()) === 1);
    }),
  );

  test('a leader that is being frozen steps down, and follows once it runs again', LIMIT, () =>
    withTabs(async ({ app, open, connections, context }) => {
      const leader = await open();
      const follower = await open();
      await agree(app, [leader, follower]);
      const count = await countSnapshots(follower);
      const cdp = await context.newCDPSession(leader);
      await cdp.send('Page.setWebLifecycleState', { state: 'frozen' });
      app.table('orders').apply([{ type: 'update', data: { id: 1, n: 1 } }]);
      await agree(app, [follower]);
      assert.is(await connections(), 1);
      assert.is(await count(), 0);
      await cdp.send('Page.setWebLifecycleState', { state: 'active' });
      await agree(app, [leader, follower]);
      assert.is(await connections(), 1);
    }),
  );

  test(
    'the connection cut: all tabs are live again, over one connection, none reloads',
    LIMIT,
    () =>
      withTabs(async ({ app, open, connections }) => {
        const tabs = [await open(), await open(), await open()];
        await agree(app, tabs);
        const counts = await Promise.all(tabs.map(countSnapshots));
        // As a laptop that wakes with dead sockets: the leader finds out, and so do all.
        await tabs[0]?.evaluate(() => {
          const { feed } = Object(document.querySelector('sse-table'));
          feed.close();
          feed.open();
        });
        app.table('orders').apply([{ type: 'update', data: { id: 1, n: 1 } }]);
        await agree(app, tabs);
        await until('one connection', async () => (await connections()) === 1);
        for (const count of counts) assert.is(await count(), 0);
      }),
  );

  test('without locks, or with tabs off: a connection for each', LIMIT, () =>
    withTabs(async ({ app, open, connections, context }) => {
      const off = [await open('off.html'), await open('off.html')];
      await agree(app, off);
      assert.is(await connections(), 2);
      await context.addInitScript(() =>
        Object.defineProperty(navigator, 'locks', { value: undefined }),
      );
      const without = [await open(), await open()];
      await agree(app, without);
      assert.is(await connections(), 4);
    }),
  );

  test('an element that leaves its page lets another tab lead', LIMIT, () =>
    withTabs(async ({ app, open, connections }) => {
      const leader = await open();
      const follower = await open();
      await agree(app, [leader, follower]);
      await leader.locator('sse-table').evaluate((element) => element.remove());
      app.table('orders').apply([{ type: 'update', data: { id: 1, n: 1 } }]);
      await agree(app, [follower]);
      await until('one connection', async () => (await connections()) === 1);
    }),
  );
}
