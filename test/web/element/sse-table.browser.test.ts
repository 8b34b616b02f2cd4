/**
 * `<sse-table>` in a real Chromium, under a strict CSP, fed by a scripted stream.
 *
 * @see FRONTEND 1–3, 6
 */

import type { Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import type { StreamEvent } from '../../../server/wire/event.ts';
import { suite } from '../../suite.ts';
import { demoRows, initEvent, type StreamClient, updateEvent } from '../page-server.ts';
import { asIs, type Scene, scenesOf } from '../table-scene.ts';

const test = suite('<sse-table>');
const TIME = '2026-01-01T00:00:00.000Z';

const { scene } = scenesOf(test);

function drawnRows(page: Page): Promise<number> {
  return page.locator('sse-table .body .row').count();
}

/** Sends a large snapshot in chunks, as the server does. */
function sendChunked(client: StreamClient, total: number, chunk = 5_000): void {
  client.send(initEvent(demoRows(chunk), total));
  for (let loaded = chunk; loaded < total; loaded += chunk) {
    const data = demoRows(Math.min(chunk, total - loaded), loaded + 1);
    client.send({ type: 'rows', data, loaded: loaded + data.length, total });
  }
  client.send({ type: 'ready', total }, 'e.1');
}

scene('renders under the strictest CSP with Trusted Types', asIs, async ({ rows, cells, page }) => {
  await rows('20 rows');
  assert.equal(await cells(0), ['1', 'Li Si', '21', 'Shanghai', '7.9', 'inactive']);
  assert.equal(await page.locator('sse-table [role=columnheader]').allTextContents(), [
    'ID',
    'Name',
    'Age',
    'City',
    'Score',
    'Status',
  ]);
  assert.is(await page.locator('sse-table [role=grid]').getAttribute('aria-rowcount'), '21');
  assert.is(await page.evaluate('document.querySelector("sse-table").state'), 'live');
});

scene('update: writes the changed text nodes and no other', asIs, async (on) => {
  await on.rows('20 rows');
  await on.page.evaluate(() => {
    const body = document.querySelector('sse-table')?.shadowRoot?.querySelector('.body');
    if (body === null || body === undefined) throw new Error('no body');
    const kinds: string[] = [];
    new MutationObserver((records) => {
      for (const { type, attributeName } of records) kinds.push(attributeName ?? type);
    }).observe(body, { subtree: true, childList: true, characterData: true, attributes: true });
    Object.assign(window, { kinds });
  });
  on.client().send(updateEvent({ id: 3, age: 99, city: 'London' }));
  await on.page.locator('sse-table .cell', { hasText: '99' }).waitFor();
  // Two cells differ in the event, but row 3 already was in London.
  assert.equal(await on.page.evaluate('window.kinds'), ['characterData', 'data-flash']);
});

scene('a mark fades by itself, and leaves nothing behind', asIs, async (on) => {
  await on.rows('20 rows');
  on.client().send(updateEvent({ id: 3, age: 99 }));
  const marked = on.page.locator('sse-table [data-flash]');
  await marked.waitFor();
  await marked.waitFor({ state: 'detached' });
});

scene('init again: marks nothing, keeps the row elements', asIs, async (on) => {
  await on.rows('20 rows');
  await on.page.evaluate(
    'window.first = document.querySelector("sse-table").shadowRoot.querySelector(".body .row")',
  );
  on.client().send(initEvent([...demoRows(1), ...demoRows(3, 50)]));
  await on.rows('4 rows');
  assert.is(await on.page.evaluate('window.first.isConnected'), true);
  assert.is(await on.page.locator('sse-table [data-flash]').count(), 0);
  assert.is(await drawnRows(on.page), 4);
});

scene(
  'up to 1,000 rows all are in the DOM, above only those in sight',
  (server) => {
    server.onStream = (client) => client.send(initEvent(demoRows(1_000)), 'e.1');
  },
  async ({ page, rows, client }) => {
    await rows('1,000 rows');
    assert.is(await drawnRows(page), 1_000);
    const add: StreamEvent = { type: 'add', data: { id: 1_001 }, message: '', timestamp: TIME };
    client().send(add, 'e.2');
    await rows('1,001 rows');
    assert.ok((await drawnRows(page)) < 50);
  },
);

scene(
  '100,000 rows load with progress; the last row is reached; memory of the DOM is bounded',
  (server) => {
    server.onStream = (client) => sendChunked(client, 100_000);
  },
  async ({ page, rows }) => {
    await rows('100,000 rows');
    await page.locator('sse-table .progress').waitFor({ state: 'detached' });
    await page.evaluate(() => {
      const box = document.querySelector('sse-table')?.shadowRoot?.querySelector('.scroller');
      box?.scrollTo(0, box.scrollHeight);
    });
    await page.locator('sse-table .cell', { hasText: /^100000$/ }).waitFor();
    assert.ok((await drawnRows(page)) < 50);
    const gap = await page.evaluate(() => {
      const root = document.querySelector('sse-table')?.shadowRoot;
      const box = root?.querySelector('.scroller')?.getBoundingClientRect();
      const last = root?.querySelector('.body .row:last-child')?.getBoundingClientRect();
      return (box?.bottom ?? 0) - (last?.bottom ?? 0);
    });
    assert.ok(Math.abs(gap) < 2, `the last row ends ${gap} px above the bottom`);
  },
);

scene(
  '400,000 rows, taller than the spacer: a notch moves real rows, End is the last row',
  (server) => {
    server.onStream = (client) => sendChunked(client, 400_000, 20_000);
  },
  async ({ page, rows }) => {
    await rows('400,000 rows');
    const at = () => page.locator('sse-table .body .row').nth(8).locator('.cell').first();
    const scrollTo = (share: number) =>
      page.evaluate((share) => {
        const box = document.querySelector('sse-table')?.shadowRoot?.querySelector('.scroller');
        box?.scrollTo(0, box.scrollHeight * share);
      }, share);
    await scrollTo(0.5);
    await page.waitForFunction(() => {
      const row = document.querySelector('sse-table')?.shadowRoot?.querySelector('.body .row');
      return Number(row?.textContent?.match(/^\d+/)?.[0] ?? 0) > 100;
    });
    const before = Number(await at().textContent());
    assert.ok(Math.abs(before - 200_000) < 200, String(before));
    await page.mouse.move(600, 400);
    await page.mouse.wheel(0, 400);
    await page.waitForTimeout(400); // Chromium animates the wheel and tells no one when it is done
    assert.is(Number(await at().textContent()) - before, 10);
    await scrollTo(1);
    await page.locator('sse-table .cell', { hasText: /^400000$/ }).waitFor();
  },
);

scene(
  'deletes above leave the rows being read in place',
  (server) => {
    server.onStream = (client) => client.send(initEvent(demoRows(5_000)), 'e.1');
  },
  async ({ page, rows, client }) => {
    await rows('5,000 rows');
    await page.evaluate(
      'document.querySelector("sse-table").shadowRoot.querySelector(".scroller").scrollTo(0, 40_013)',
    );
    const row = page.locator('sse-table .row', { hasText: /^1010/ });
    await row.waitFor();
    const before = await row.boundingBox();
    client().send({
      type: 'sync',
      data: [],
      deleted: demoRows(50, 100).map(({ id }) => Number(id)),
    });
    await rows('4,950 rows');
    assert.equal(await row.boundingBox(), before);
    client().send({ type: 'sync', data: [], deleted: [1_000, 1_001, 1_002] });
    await rows('4,947 rows');
    assert.equal(await row.boundingBox(), before);
  },
);

scene(
  'cut: comes back with Last-Event-ID, merges what was missed, and no banner was seen',
  (server) => {
    server.onStream = (client) => {
      if (server.clients.length === 1) {
        client.send(initEvent(demoRows(20)), 'e.7');
        return;
      }
      client.send({ type: 'resumed', missed: 1 });
      client.send(updateEvent({ id: 1, name: 'Back again' }), 'e.8');
    };
  },
  async ({ page, rows, server, client }) => {
    await rows('20 rows');
    await page.evaluate(() => {
      const root = document.querySelector('sse-table')?.shadowRoot;
      if (root === null || root === undefined) throw new Error('no root');
      Object.assign(window, { banners: 0, states: [] as string[] });
      new MutationObserver(() => {
        if (root.querySelector('.banner') !== null) Object.assign(window, { banners: 1 });
      }).observe(root, { childList: true, subtree: true });
    });
    client().cut();
    await page.locator('sse-table .cell', { hasText: 'Back again' }).waitFor();
    assert.is(server.clients.length, 2);
    assert.is(client().request.headers['last-event-id'], 'e.7');
    assert.is(await page.evaluate('window.banners'), 0);
    assert.is(await drawnRows(page), 20);
  },
);

scene(
  'lost: after 3 s a banner and dimmed rows; Retry now connects',
  (server) => {
    server.onStream = (client, response) => {
      if (server.clients.length === 2) {
        response.writeHead(503, { 'retry-after': '600', 'content-type': 'application/json' });
        response.end('{"status":"error","code":"overloaded","message":"too many streams"}');
      } else client.send(initEvent(demoRows(20)), 'e.1');
    };
  },
  async ({ page, rows, client }) => {
    await rows('20 rows');
    client().cut();
    const banner = page.locator('sse-table .banner');
    await banner.waitFor();
    assert.match((await banner.textContent()) ?? '', 'too many streams');
    assert.is(await page.locator('sse-table .scroller.old').count(), 1);
    await page.getByRole('button', { name: 'Retry now' }).click();
    await banner.waitFor({ state: 'detached' });
    assert.is(await page.locator('sse-table .scroller.old').count(), 0);
  },
);

scene(
  '404: the server says why, where the rows would be',
  (server) => {
    server.onStream = (_client, response) => {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end('{"status":"error","code":"unknown_table","message":"no table \\"x\\""}');
    };
  },
  async ({ page }) => {
    await page.locator('sse-table .panel', { hasText: 'no table "x"' }).waitFor();
    assert.is(await page.evaluate('document.querySelector("sse-table").state'), 'ended');
  },
);

scene('hidden: merges without drawing; shown: draws once', asIs, async ({ page, rows, client }) => {
  await rows('20 rows');
  await page.evaluate(() => {
    const body = document.querySelector('sse-table')?.shadowRoot?.querySelector('.body');
    if (body === null || body === undefined) throw new Error('no body');
    Object.assign(window, { writes: 0, visible: 'hidden' });
    Object.defineProperty(document, 'visibilityState', {
      get: () => Reflect.get(window, 'visible'),
    });
    document.dispatchEvent(new Event('visibilitychange'));
    new MutationObserver((records) => {
      Object.assign(window, { writes: Reflect.get(window, 'writes') + records.length });
    }).observe(body, { subtree: true, childList: true, characterData: true, attributes: true });
  });
  for (let score = 1; score <= 50; score++) client().send(updateEvent({ id: 1, score }));
  await page.waitForFunction('document.querySelector("sse-table").rows.get(1).score === 50');
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 200))),
  );
  assert.is(await page.evaluate('window.writes'), 0);
  await page.evaluate(() => {
    Object.assign(window, { visible: 'visible' });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await page.locator('sse-table .cell', { hasText: /^50$/ }).waitFor();
  assert.is(await page.evaluate('window.writes'), 1);
});

scene('selected text survives updates, adds and deletes above', asIs, async (on) => {
  await on.rows('20 rows');
  await on.page.evaluate(() => {
    const root = document.querySelector('sse-table')?.shadowRoot;
    const name = root?.querySelectorAll('.body .row')[5]?.querySelectorAll('.cell')[1];
    if (name === undefined) throw new Error('no cell');
    getSelection()?.selectAllChildren(name);
  });
  const before = await on.page.evaluate(() => String(getSelection()));
  assert.is(before, 'Zhang San');
  for (let score = 1; score <= 30; score++) on.client().send(updateEvent({ id: 6, score }));
  on.client().send({ type: 'sync', data: demoRows(5, 100), deleted: [1, 2] });
  await on.rows('23 rows');
  assert.is(await on.page.evaluate(() => String(getSelection())), before);
});

scene('pause: shows nothing new but how much waits; resume shows it', asIs, async (on) => {
  await on.rows('20 rows');
  await on.page.getByRole('button', { name: 'Pause' }).click();
  on.client().send(updateEvent({ id: 1, name: 'Changed' }));
  on.client().send({ type: 'sync', data: [], deleted: [2] });
  await on.page.getByRole('button', { name: '2 changes waiting' }).waitFor();
  assert.is((await on.cells(0))[1], 'Li Si');
  assert.is(await drawnRows(on.page), 20);
  assert.is(await on.page.evaluate('document.querySelector("sse-table").state'), 'paused');
  await on.page.getByRole('button', { name: 'Resume' }).click();
  await on.rows('19 rows');
  assert.is((await on.cells(0))[1], 'Changed');
});

scene(
  'columns: declared in HTML, in their order, with their formats',
  (server) => {
    server.body = `<sse-table src="/stream" lang="de">
      <sse-column field="score" label="Punkte" format="number" digits="2"></sse-column>
      <sse-column field="name" badge></sse-column></sse-table>`;
  },
  async ({ page, cells, rows }) => {
    await rows('20');
    assert.equal(await cells(0), ['7,90', 'Li Si']);
    assert.is(await page.locator('sse-table .cell.badge > span').count(), 20);
    await page.evaluate('document.querySelector("sse-column").setAttribute("digits", "0")');
    await page.locator('sse-table .cell', { hasText: /^8$/ }).first().waitFor();
  },
);

scene(
  'one connection for all elements of a src; moved in the page, it is kept',
  (server) => {
    const table = '<sse-table src="/stream"></sse-table>';
    server.body = `${table}${table}<main></main>`;
  },
  async ({ page, server }) => {
    await page.waitForFunction(() =>
      Array.from(document.querySelectorAll('sse-table')).every(
        (table) => table.shadowRoot?.querySelectorAll('.body .row').length === 20,
      ),
    );
    await page.evaluate(() => {
      for (const table of document.querySelectorAll('sse-table')) {
        document.querySelector('main')?.append(table);
      }
    });
    await page.evaluate(() => new Promise((done) => setTimeout(done, 100)));
    assert.is(server.clients.length, 1);
    assert.is(await drawnRows(page), 40);
  },
);

scene(
  'phone: nothing is wider than the page; the table scrolls inside, keys scroll it',
  (server) => {
    server.onStream = (client) => client.send(initEvent(demoRows(200)), 'e.1');
  },
  async ({ page, rows }) => {
    await rows('200 rows');
    assert.is(await page.evaluate('document.documentElement.scrollWidth'), 360);
    const box = page.locator('sse-table [role=grid]');
    const inner = await box.evaluate((element) => element.scrollWidth - element.clientWidth);
    assert.ok(inner > 50, String(inner));
    await box.focus();
    await page.keyboard.press('Control+End');
    await page.waitForFunction(() => {
      const box = document.querySelector('sse-table')?.shadowRoot?.querySelector('.scroller');
      return box !== undefined && box !== null && box.scrollTop > 5_000;
    });
    const header = await page.locator('sse-table .head').boundingBox();
    const table = await box.boundingBox();
    assert.is(header?.y, table?.y);
  },
  { width: 360, height: 740 },
);

const names = (on: Scene, count: number) =>
  on.page
    .locator('sse-table .body .row')
    .evaluateAll(
      (rows, count) =>
        rows.slice(0, count).map((row) => row.querySelectorAll('.cell')[0]?.textContent),
      count,
    );

scene(
  'sort: by heading, two with Shift; rows find their places as they change',
  asIs,
  async (on) => {
    await on.rows('20 rows');
    const heading = (name: string) => on.page.getByRole('columnheader', { name });
    await heading('Age').click();
    await heading('Age').click();
    assert.is(await heading('Age').getAttribute('aria-sort'), 'descending');
    await heading('Name').click({ modifiers: ['Shift'] });
    assert.is(await on.page.evaluate('document.querySelector("sse-table").sort'), 'age.desc,name');
    await on.page.mouse.move(5, 5);
    on.client().send(updateEvent({ id: 3, age: 99 }));
    on.client().send(updateEvent({ id: 7, age: 99, name: 'AAA' }));
    await on.page.waitForFunction(() => {
      const row = document.querySelector('sse-table')?.shadowRoot?.querySelector('.body .row');
      return row?.textContent?.startsWith('7AAA');
    });
    assert.equal(await names(on, 4), ['7', '3', '20', '19']);
  },
);

scene(
  'reading lock: under the pointer no row moves while values tick; the chip applies',
  (server) => {
    server.body = '<sse-table src="/stream" sort="score.desc"></sse-table>';
    server.onStream = (client) =>
      client.send(initEvent([1, 2, 3, 4].map((id) => ({ id, name: `n${id}`, score: 50 - id }))));
  },
  async (on) => {
    await on.rows('4 rows');
    await on.page.locator('sse-table .body .row').nth(1).hover();
    on.client().send(updateEvent({ id: 4, score: 99 }));
    on.client().send({ type: 'sync', data: [{ id: 5, score: 70 }], deleted: [1] });
    const chip = on.page.getByRole('button', { name: '3 moved' });
    await chip.waitFor();
    assert.equal(await names(on, 9), ['1', '2', '3', '4']);
    assert.equal((await on.cells(3))[4], '99');
    // Not by the pointer: on its way it leaves the rows, and they may have moved before it is there.
    await chip.press('Enter');
    await on.rows('4 rows');
    await on.page.waitForFunction(
      () =>
        document
          .querySelector('sse-table')
          ?.shadowRoot?.querySelector('.body .row')
          ?.textContent?.startsWith('4') === true,
    );
    assert.equal(await names(on, 9), ['4', '5', '2', '3']);
    assert.is(await chip.count(), 0);
  },
);

scene(
  'filter and search: as typed, and as rows change; nothing found is said',
  (server) => {
    server.body = '<sse-table src="/stream" searchable filterable></sse-table>';
  },
  async (on) => {
    await on.rows('20 rows');
    await on.page.getByRole('searchbox', { name: 'Filter Age' }).fill('>35');
    await on.rows('5 of 20 rows');
    assert.equal(await names(on, 9), ['16', '17', '18', '19', '20']);
    on.client().send(updateEvent({ id: 2, age: 40 }));
    await on.rows('6 of 20 rows');
    await on.page.getByRole('searchbox', { name: 'Search' }).fill('wang');
    await on.rows('2 of 20 rows');
    assert.equal(await names(on, 9), ['2', '20']);
    await on.page.getByRole('searchbox', { name: 'Search' }).fill('nobody');
    await on.page.locator('sse-table .panel', { hasText: 'No matching rows' }).waitFor();
  },
);

scene(
  'remote: filters go to the server as parameters of the view',
  (server) => {
    server.body = '<sse-table src="/stream?limit=9" remote filterable></sse-table>';
  },
  async (on) => {
    await on.rows('20 rows');
    const filter = on.page.getByRole('searchbox', { name: 'Filter Age' });
    await filter.fill('>=3');
    await filter.fill('>=35');
    await filter.press('Enter');
    await on.page.waitForFunction('document.querySelector("sse-table").feed.src.includes("age")');
    await on.rows('20 rows');
    assert.is(on.client().request.url, '/stream?limit=9&age=gte.35');
    assert.is(on.server.clients.length, 2);
  },
);

scene(
  'keyboard: cells, headings, sorting, selecting; the place survives updates',
  asIs,
  async (on) => {
    await on.rows('20 rows');
    const { keyboard } = on.page;
    const box = on.page.getByRole('grid');
    await box.focus();
    for (const key of ['ArrowDown', 'ArrowUp']) await keyboard.press(key);
    await on.page.locator('sse-table #active', { hasText: 'ID' }).waitFor();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight']) await keyboard.press(key);
    await on.page.locator('sse-table #active', { hasText: 'Wang Wu' }).waitFor();
    on.client().send({ type: 'sync', data: [{ id: 2, name: 'Renamed' }], deleted: [1] });
    await on.page.locator('sse-table #active', { hasText: 'Renamed' }).waitFor();
    await keyboard.press('Control+End');
    await on.page.locator('sse-table #active', { hasText: 'active' }).waitFor();
    assert.is(
      await on.page.evaluate(() => {
        const root = document.querySelector('sse-table')?.shadowRoot;
        return root?.activeElement?.getAttribute('aria-activedescendant');
      }),
      'active',
    );
    await keyboard.press('Space');
    await keyboard.press('Shift+ArrowUp');
    await on.page.locator('sse-table [aria-selected]').nth(1).waitFor();
    assert.equal(await on.page.evaluate('document.querySelector("sse-table").selected'), [
      '19',
      '20',
    ]);
    await keyboard.press('Escape');
    await on.page.locator('sse-table [aria-selected]').first().waitFor({ state: 'detached' });
    for (const key of ['ArrowDown', 'ArrowUp', 'Enter']) await keyboard.press(key);
    await on.page
      .getByRole('columnheader', { name: 'ID' })
      .and(on.page.locator('[aria-sort=ascending]'))
      .waitFor();
  },
);

scene('select and copy: click, Ctrl, Shift; TSV as shown', asIs, async (on) => {
  await on.rows('20 rows');
  const row = (at: number) => on.page.locator('sse-table .body .row').nth(at);
  await row(1).click();
  await row(3).click({ modifiers: ['Shift'] });
  await row(2).click({ modifiers: ['Control'] });
  await row(9).click({ modifiers: ['Control'] });
  assert.equal(await on.page.evaluate('document.querySelector("sse-table").selected'), [
    '2',
    '4',
    '10',
  ]);
  const copied = await on.page.evaluate(() => {
    const data = new DataTransfer();
    const grid = document.querySelector('sse-table')?.shadowRoot?.querySelector('[role=grid]');
    grid?.dispatchEvent(new ClipboardEvent('copy', { clipboardData: data, bubbles: true }));
    return data.getData('text/plain').split('\n')[1];
  });
  assert.is(copied, '4\tGrace Hopper\t24\tArlington\t31.7\tactive');
  assert.is(
    await on.page.evaluate('document.querySelector("sse-table").export("csv").split("\\r\\n")[1]'),
    '1,Li Si,21,Shanghai,7.9,inactive',
  );
});
