/**
 * What people complain about in live grids, one test each: none of it may be true of this one.
 *
 * @see FRONTEND 3
 */
import type { Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import type { Change } from '../../server/wire/change.ts';
import { suite } from '../suite.ts';
import { demoRows, initEvent, type PageServer, updateEvent } from './page-server.ts';
import { type Scene, scenesOf } from './table-scene.ts';

const test = suite('complaints');
const { scene } = scenesOf(test);

const TIME = '2026-01-01T00:00:00.000Z';

/** The page's table gets these attributes, and so many rows at first. */
function table(attributes: string, count = 20): (server: PageServer) => void {
  return (server) => {
    server.body = `<sse-table src="/stream" label="Users" debounce="0" ${attributes}></sse-table>`;
    server.onStream = (client) => client.send(initEvent(demoRows(count)), 'e.1');
  };
}

function batch(changes: Change[]): Parameters<ReturnType<Scene['client']>['send']>[0] {
  return { type: 'batch', changes, timestamp: TIME };
}

function deletes(from: number, to: number): Change[] {
  return Array.from({ length: to - from + 1 }, (_, at) => ({
    type: 'delete',
    data: { id: from + at },
  }));
}

function updates(from: number, to: number, score: (id: number) => number): Change[] {
  return Array.from({ length: to - from + 1 }, (_, at) => ({
    type: 'update',
    data: { id: from + at, score: score(from + at) },
  }));
}

/** The first cells of the rows drawn. */
function keys(page: Page): Promise<string[]> {
  return page.locator('sse-table .body .row .cell:first-child').allTextContents();
}

function rowOf(page: Page, key: number) {
  return page.locator('sse-table .body .row').filter({
    has: page.locator('.cell:first-child', { hasText: new RegExp(`^${key}$`) }),
  });
}

/** Resolves when a row shows this score. */
function shows(page: Page, key: number, score: string): Promise<void> {
  return rowOf(page, key).locator('.cell:nth-child(5)', { hasText: score }).waitFor();
}

/** Counts what `sse-table-change` tells, in `window.draws`. */
function countDraws(page: Page): Promise<void> {
  return page.evaluate(() => {
    const draws: number[] = [];
    Object.assign(window, { draws });
    document
      .querySelector('sse-table')
      ?.addEventListener('sse-table-change', ({ detail }) => draws.push(detail.changes));
  });
}

function setVisibility(page: Page, state: 'hidden' | 'visible'): Promise<void> {
  return page.evaluate((value) => {
    Object.defineProperty(document, 'visibilityState', { value, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
}

scene('rows move while being read', table('sort="score.desc"'), async ({ page, client, rows }) => {
  await rows('20 rows');
  const before = await keys(page);
  await page.mouse.move(0, 0);
  await rowOf(page, Number(before[3])).hover();
  client().send(batch(updates(1, 20, (id) => 1_000 + id)));
  await shows(page, Number(before[3]), (1_000 + Number(before[3])).toLocaleString('en'));
  assert.equal(await keys(page), before);
  await page.getByRole('button', { name: 'moved' }).press('Enter');
  await page.waitForFunction(() => {
    const root = document.querySelector('sse-table')?.shadowRoot;
    return root?.querySelector('.body .cell')?.textContent === '20';
  });
});

scene('scroll jumps when rows come or go above', table('', 5_000), async (on) => {
  const { page, client, rows } = on;
  await rows('5,000 rows');
  await page.evaluate(() => document.querySelector('sse-table')?.scrollToKey(2_000));
  await rowOf(page, 2_000).waitFor();
  const before = await rowOf(page, 2_003).boundingBox();
  client().send(batch(deletes(1, 700)));
  await rows('4,300 rows');
  const after = await rowOf(page, 2_003).boundingBox();
  assert.is(Math.round(after?.y ?? 0), Math.round(before?.y ?? -1));
});

scene('text selection is destroyed by a refresh', table(''), async ({ page, client, rows }) => {
  await rows('20 rows');
  const box = await rowOf(page, 4).locator('.cell:nth-child(2)').boundingBox();
  if (box === null) throw new Error('no cell');
  await page.mouse.move(box.x + 16, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + 70, box.y + 20, { steps: 4 });
  await page.mouse.up();
  const selected = await page.evaluate(() => String(getSelection()));
  assert.ok(selected.length > 3, selected);
  client().send(batch([...updates(1, 20, (id) => 500 + id), ...deletes(1, 2)]));
  await shows(page, 4, '504');
  assert.is(await page.evaluate(() => String(getSelection())), selected);
});

scene('selection and focus are lost on an update', table(''), async ({ page, client, rows }) => {
  await rows('20 rows');
  await rowOf(page, 5).click();
  client().send(batch([...deletes(1, 3), ...updates(4, 20, (id) => 500 + id)]));
  await shows(page, 5, '505');
  client().send(initEvent(demoRows(20)));
  await shows(page, 5, String(demoRows(1, 5)[0]?.score));
  assert.is(await rowOf(page, 5).getAttribute('aria-selected'), 'true');
  assert.is(await rowOf(page, 5).locator('#active').count(), 1);
  assert.is(await page.evaluate(() => document.activeElement?.localName), 'sse-table');
});

scene('an editor closes when its row ticks', table('editable'), async ({ page, client, rows }) => {
  await rows('20 rows');
  await page.locator('sse-table .edits').waitFor({ state: 'attached' });
  await rowOf(page, 6).locator('.cell:nth-child(2)').dblclick();
  const editor = page.locator('sse-table .editor input');
  await editor.fill('half a na');
  client().send(batch([...updates(1, 20, (id) => 500 + id), ...deletes(1, 3)]));
  await shows(page, 6, '506');
  await editor.press('End');
  await page.keyboard.type('me');
  assert.is(await editor.inputValue(), 'half a name');
  client().send(initEvent(demoRows(20)));
  await shows(page, 6, String(demoRows(1, 6)[0]?.score));
  assert.is(await editor.inputValue(), 'half a name');
});

scene('memory grows until the tab dies', table('sort="score"', 2_000), async (on) => {
  const { page, client, rows } = on;
  await rows('2,000 rows');
  const devtools = await page.context().newCDPSession(page);
  let first = 1;
  const churn = async (rounds: number): Promise<number> => {
    for (let round = 0; round < rounds; round++) {
      const added = demoRows(2_000, first + 2_000).map((data): Change => ({ type: 'add', data }));
      client().send(batch([...deletes(first, first + 1_999), ...added]));
      first += 2_000;
      await page.waitForFunction(
        (key) => document.querySelector('sse-table')?.rows.get(key) !== undefined,
        first + 1_999,
      );
    }
    await devtools.send('HeapProfiler.collectGarbage');
    return (await devtools.send('Runtime.getHeapUsage')).usedSize;
  };
  const before = await churn(5);
  const after = await churn(25);
  assert.ok(after < before + 1.5 * 2 ** 20, `${before} bytes, then ${after}`);
});

scene('dead after sleep or a hidden tab', table(''), async ({ page, client, rows, server }) => {
  // By itself it would wait for half a minute.
  await page.addInitScript(() => {
    Math.random = () => 0.999;
  });
  await page.reload();
  await rows('20 rows');
  client().response.write('retry: 300000\n\n');
  client().send(updateEvent({ id: 1, score: 7 }));
  await shows(page, 1, '7');
  await setVisibility(page, 'hidden');
  client().cut();
  await page.waitForFunction(() => document.querySelector('sse-table')?.state === 'reconnecting');
  server.onStream = (next) => next.send(initEvent(demoRows(30)));
  await setVisibility(page, 'visible');
  await rows('30 rows');
});

scene('freeze on return: what came meanwhile is drawn one by one', table('', 900), async (on) => {
  const { page, client, rows } = on;
  await rows('900 rows');
  await countDraws(page);
  await setVisibility(page, 'hidden');
  for (let round = 1; round <= 20; round++) {
    client().send(batch(updates(1, 900, (id) => round * 1_000 + id)));
  }
  await page.waitForFunction(
    () => document.querySelector('sse-table')?.rows.get(900)?.score === 20_900,
  );
  assert.equal(await page.evaluate(() => Reflect.get(window, 'draws')), []);
  await setVisibility(page, 'visible');
  await shows(page, 900, '20,900');
  assert.equal(await page.evaluate(() => Reflect.get(window, 'draws')), [18_000]);
});

scene('no connection state, a banner for a blip', table(''), async ({ page, rows, client }) => {
  await rows('20 rows');
  await page.locator('sse-table .state', { hasText: 'Live' }).waitFor();
  await page.evaluate(() => {
    const seen: (string | null)[] = [];
    Object.assign(window, { seen });
    const root = document.querySelector('sse-table')?.shadowRoot;
    if (!root) throw new Error('no table');
    new MutationObserver(() => {
      if (root.querySelector('.banner')) seen.push('banner');
      seen.push(root.querySelector('.state')?.textContent ?? null);
    }).observe(root, { childList: true, subtree: true, characterData: true });
  });
  client().response.write('retry: 400\n\n');
  client().send(updateEvent({ id: 1, score: 7 }));
  await shows(page, 1, '7');
  client().cut();
  await page.waitForFunction(() => Reflect.get(window, 'seen').includes('Reconnecting'));
  await page.locator('sse-table .state', { hasText: 'Live' }).waitFor();
  const seen: string[] = await page.evaluate(() => Reflect.get(window, 'seen'));
  assert.not.ok(seen.includes('banner'), seen.join());
});

scene('no way to pause', table(''), async ({ page, client, rows }) => {
  await rows('20 rows');
  await page.getByRole('button', { name: 'Pause' }).press('Enter');
  client().send(batch(updates(1, 20, (id) => 900 + id)));
  await page.getByRole('button', { name: 'Resume · 20 changes waiting' }).waitFor();
  assert.is(await rowOf(page, 1).locator('.cell:nth-child(5)').textContent(), '7.9');
  await page.getByRole('button', { name: 'Resume' }).press('Enter');
  await shows(page, 1, '901');
});

scene('find sees only the visible rows', table('', 5_000), async ({ page, rows }) => {
  await rows('5,000 rows');
  await page.keyboard.press('Control+f');
  await page.getByRole('searchbox', { name: 'Find in all rows' }).fill('4321');
  await page.locator('sse-table .find', { hasText: '1 of 1' }).waitFor();
  await rowOf(page, 4_321).waitFor();
  assert.is(await rowOf(page, 4_321).locator('#active').textContent(), '4321');
  await page.keyboard.press('Escape');
  await page.locator('sse-table .find').waitFor({ state: 'detached' });
});

scene('print sees only the visible rows', table('', 3_000), async ({ page, rows }) => {
  await rows('3,000 rows');
  await page.waitForFunction(() =>
    document
      .querySelector('sse-table')
      ?.shadowRoot?.adoptedStyleSheets.some((sheet) =>
        [...sheet.cssRules].some((rule) => rule.cssText.startsWith('.print')),
      ),
  );
  const printed = page.evaluate(
    () =>
      new Promise<{ rows: number; caption: string }>((resolve) => {
        addEventListener('beforeprint', () => {
          const made = document.querySelector('sse-table')?.shadowRoot?.querySelector('table');
          resolve({ rows: made?.rows.length ?? 0, caption: made?.caption?.textContent ?? '' });
        });
      }),
  );
  const pdf = await page.pdf();
  assert.ok(pdf.length > 100_000, `${pdf.length} bytes`);
  const { rows: count, caption } = await printed;
  assert.is(count, 3_001);
  assert.match(caption, /^Users: 3,000 rows as of .*20\d\d/);
  assert.is(await page.locator('sse-table .print').count(), 0);
});

scene('a screen reader is flooded', table(''), async ({ page, client, rows }) => {
  await rows('20 rows');
  await page.evaluate(() => {
    const said: unknown[] = [];
    Object.assign(window, { said });
    const root = document.querySelector('sse-table')?.shadowRoot;
    const live = root?.querySelectorAll('[aria-live],[role=status],[role=alert],[role=log]') ?? [];
    const observer = new MutationObserver(([record]) => said.push(record?.target.textContent));
    for (const element of live) {
      observer.observe(element, { childList: true, subtree: true, characterData: true });
    }
  });
  assert.is(await page.locator('sse-table [role=grid] [role=status]').count(), 0);
  assert.is(await page.locator('sse-table [role=grid][aria-live]').count(), 0);
  for (let round = 1; round <= 30; round++) {
    client().send(batch(updates(1, 20, (id) => round * 1_000 + id)));
    await shows(page, 1, (round * 1_000 + 1).toLocaleString('en'));
  }
  const said: unknown[] = await page.evaluate(() => Reflect.get(window, 'said'));
  assert.ok(said.length <= 1, JSON.stringify(said)); // "Live", at most
});

scene('the sort drifts or jumps', table('sort="score"', 500), async ({ page, client, rows }) => {
  await rows('500 rows');
  await page.mouse.move(0, 0);
  // Equal scores keep the order in which they came; what does not change stays where it is.
  client().send(batch(updates(1, 500, (id) => id % 5)));
  await shows(page, 5, '0');
  const expected = Array.from({ length: 500 }, (_, at) => at + 1).sort(
    (a, b) => (a % 5) - (b % 5) || a - b,
  );
  assert.equal((await keys(page)).map(Number), expected);
  for (let round = 0; round < 5; round++) client().send(batch(updates(1, 500, (id) => id % 5)));
  client().send(updateEvent({ id: 500, score: 77 }));
  await shows(page, 500, '77');
  assert.equal((await keys(page)).map(Number), [...expected.filter((id) => id !== 500), 500]);
});

scene(
  'it breaks under a strict CSP',
  table('arrangeable editable debug searchable filterable', 2_000),
  async ({ page, rows }) => {
    await page.evaluate(() => {
      const violations: string[] = [];
      Object.assign(window, { violations });
      document.addEventListener('securitypolicyviolation', (event) => {
        violations.push(`${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    await rows('2,000 rows');
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('button', { name: 'Pin Name' }).click();
    await page.keyboard.press('Escape');
    await page.locator('sse-table .body .row').nth(1).locator('.cell').nth(2).dblclick();
    await page.locator('sse-table .editor input').press('Escape');
    await page.keyboard.press('Control+f');
    await page.locator('sse-table .find input').fill('17');
    await page.locator('sse-table .find', { hasText: 'of' }).waitFor();
    await page.locator('sse-table .debug', { hasText: 'frames/s' }).waitFor();
    assert.equal(await page.evaluate(() => Reflect.get(window, 'violations')), []);
  },
);

scene('zoom misaligns headings, rows and scrolling', table('', 5_000), async ({ page, rows }) => {
  await rows('5,000 rows');
  const devtools = await page.context().newCDPSession(page);
  for (const zoom of [0.67, 1.1, 1.25, 1.5]) {
    // What zooming a page does: fewer and larger CSS pixels.
    await devtools.send('Emulation.setDeviceMetricsOverride', {
      width: Math.round(1280 / zoom),
      height: Math.round(800 / zoom),
      deviceScaleFactor: zoom,
      mobile: false,
    });
    await page.evaluate(() => document.querySelector('sse-table')?.scrollToKey(3_000));
    await rowOf(page, 3_000).waitFor();
    const places = await page.evaluate(() => {
      const root = document.querySelector('sse-table')?.shadowRoot;
      const rects = (selector: string) =>
        Array.from(root?.querySelectorAll(selector) ?? [], (cell) => cell.getBoundingClientRect());
      const lefts = (selector: string) => rects(selector).map(({ left }) => left);
      return {
        head: lefts('.head .row:first-child .cell'),
        body: lefts('.body .row:first-child .cell'),
        rows: rects('.body .row').map(({ top, bottom }) => [top, bottom]),
        headBottom: rects('.head')[0]?.bottom ?? 0,
      };
    });
    for (const [at, left] of places.head.entries()) {
      assert.ok(Math.abs(left - (places.body[at] ?? 0)) < 0.1, `zoom ${zoom}, column ${at}`);
    }
    for (const [at, [top]] of places.rows.entries()) {
      const end = places.rows[at - 1]?.[1] ?? top;
      assert.ok(Math.abs((top ?? 0) - (end ?? 0)) < 0.1, `zoom ${zoom}, row ${at}`);
    }
    const top = (await rowOf(page, 3_000).boundingBox())?.y ?? 0;
    assert.ok(Math.abs(top - places.headBottom) <= 1, `zoom ${zoom}: ${top}`);
  }
});
