/**
 * Editing against the real server, in a real Chromium.
 *
 * @see FRONTEND 3 "an editor closed when its row ticks", 4 "Editing"
 */
import type { Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { suite } from '../../suite.ts';
import { tableApps } from '../table-app.ts';

const test = suite('editing');
const scene = tableApps(test);

const ROWS = [
  { id: 1, name: 'Ada', score: 10 },
  { id: 2, name: 'Grace', score: 20 },
  { id: 3, name: 'Alan', score: 30 },
];
const EDITABLE = {
  rows: ROWS,
  body: '<sse-table id="t" src="/api/tables/users/stream" editable debounce="0"></sse-table>',
};

/** Collects the phases of all edits in `window.edits`. */
async function listen(page: Page): Promise<void> {
  await page.locator('#t .edits').waitFor({ state: 'attached' });
  await page.evaluate(() => {
    const edits: unknown[] = [];
    Object.assign(window, { edits });
    document.querySelector('sse-table')?.addEventListener('sse-table-edit', ({ detail }) => {
      edits.push([detail.key, detail.field ?? null, detail.value ?? null, detail.phase]);
    });
  });
}

function edits(page: Page): Promise<unknown> {
  return page.evaluate(() => Reflect.get(window, 'edits'));
}

function editor(page: Page) {
  return page.locator('#t .editor input');
}

scene('a cell is pending until its echo on the stream confirms it', EDITABLE, async (on) => {
  const { page, table, cell } = on;
  await cell('1', 2).waitFor();
  await listen(page);
  // The answer waits: what the stream tells is what counts.
  let answer: (() => void) | undefined;
  await page.route('**/api/tables/users/1', async (route) => {
    await new Promise<void>((resolve) => {
      answer = resolve;
    });
    await route.continue();
  });
  await cell('1', 2).dblclick();
  await editor(page).fill('Ada Lovelace');
  await editor(page).press('Enter');
  await page.locator('#t .pending', { hasText: 'Ada Lovelace' }).waitFor();
  assert.is(await cell('1', 2).textContent(), 'Ada');
  assert.is(table.get('1')?.name, 'Ada');
  answer?.();
  await page.locator('#t .pending').waitFor({ state: 'detached' });
  assert.is(await cell('1', 2).textContent(), 'Ada Lovelace');
  assert.is(table.get('1')?.name, 'Ada Lovelace');
  assert.equal(await edits(page), [
    ['1', 'name', 'Ada Lovelace', 'pending'],
    ['1', 'name', 'Ada Lovelace', 'confirmed'],
  ]);
});

scene('by keyboard: F2, Tab to the next cell, Enter, Escape', EDITABLE, async (on) => {
  const { page, cell, table } = on;
  await cell('1', 2).waitFor();
  await listen(page);
  await page.locator('#t .scroller').focus();
  for (const key of ['ArrowDown', 'ArrowRight', 'F2']) await page.keyboard.press(key);
  await page.keyboard.type('Augusta');
  await page.keyboard.press('Tab');
  assert.is(await editor(page).getAttribute('aria-label'), 'Score, 1');
  await page.keyboard.type('11');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => Reflect.get(window, 'edits').length === 4);
  assert.equal(table.get('1'), { id: 1, name: 'Augusta', score: 11 });
  await page.keyboard.press('Enter');
  await page.keyboard.type('99');
  await page.keyboard.press('Escape');
  assert.is(await editor(page).count(), 0);
  assert.is(await page.evaluate(() => document.activeElement?.id), 't');
  assert.is(table.get('1')?.score, 11);
});

scene('a refusal takes the value back and tells the reason', EDITABLE, async (on) => {
  const { page, cell } = on;
  await cell('2', 2).waitFor();
  await listen(page);
  await page.route('**/api/tables/users/2', (route) =>
    route.fulfill({ status: 403, json: { status: 'error', code: 'x', message: 'not yours' } }),
  );
  await cell('2', 2).dblclick();
  await editor(page).fill('X');
  await editor(page).press('Enter');
  await page.locator('#t .refused', { hasText: 'Not saved: not yours' }).waitFor();
  assert.is(await cell('2', 2).textContent(), 'Grace');
  await page.locator('#t').getByRole('button', { name: 'Dismiss' }).click();
  await page.locator('#t .refused').waitFor({ state: 'detached' });
  assert.equal(await edits(page), [
    ['2', 'name', 'X', 'pending'],
    ['2', 'name', 'X', 'rejected'],
  ]);
});

scene('an editor stays open while its row ticks, and shows a conflict', EDITABLE, async (on) => {
  const { page, cell, put, table } = on;
  await cell('3', 3).waitFor();
  await listen(page);
  await cell('3', 3).dblclick();
  await editor(page).fill('31');
  put({ id: 3, name: 'Turing', score: 30 });
  await cell('3', 2).filter({ hasText: 'Turing' }).waitFor();
  assert.is(await editor(page).inputValue(), '31');
  assert.is(await page.locator('#t .note').textContent(), '');
  put({ id: 3, name: 'Turing', score: 77 });
  await page.locator('#t .note', { hasText: 'Now 77' }).waitFor();
  // At once, Enter could not have been meant.
  await editor(page).press('Enter');
  assert.is(await editor(page).inputValue(), '31');
  assert.is(table.get('3')?.score, 77);
  await page.evaluate(() => {
    const now = performance.now.bind(performance);
    performance.now = () => now() + 1_000;
  });
  await editor(page).press('Enter');
  await page.waitForFunction(() => Reflect.get(window, 'edits').length === 2);
  assert.is(table.get('3')?.score, 31);
});

scene('a row that is changed elsewhere meanwhile is not overwritten', EDITABLE, async (on) => {
  const { page, cell, put, table } = on;
  await cell('1', 3).waitFor();
  await listen(page);
  let tries = 0;
  await page.route('**/api/tables/users/1', async (route) => {
    tries++;
    // Someone is faster: first in another column, then in this one.
    put({ id: 1, name: `Ada ${tries}`, score: tries === 1 ? 10 : 12 });
    await route.continue();
  });
  await cell('1', 3).dblclick();
  await editor(page).fill('11');
  await editor(page).press('Enter');
  await page.locator('#t .refused', { hasText: 'changed meanwhile, to 12' }).waitFor();
  assert.is(tries, 2);
  assert.is(table.get('1')?.score, 12);
});

scene('what is no value of the column stays in the editor', EDITABLE, async ({ page, cell }) => {
  await cell('1', 3).waitFor();
  await listen(page);
  await cell('1', 3).dblclick();
  await editor(page).fill('ten');
  await editor(page).press('Enter');
  await page.locator('#t .note', { hasText: 'Not a value' }).waitFor();
  await editor(page).press('Escape');
  await cell('1', 1).dblclick();
  assert.is(await editor(page).count(), 0);
  assert.equal(await edits(page), []);
});

scene('delete asks first, and is done when the stream says so', EDITABLE, async (on) => {
  const { page, cell, table } = on;
  await cell('2', 2).click();
  await listen(page);
  await page.keyboard.press('Delete');
  await page.getByRole('dialog', { name: 'Delete row 2?' }).waitFor();
  await page.keyboard.press('Enter'); // the focus is on Cancel
  assert.is(table.size, 3);
  await page.keyboard.press('Delete');
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.locator('#t .count', { hasText: '2 rows' }).waitFor();
  assert.is(table.get('2'), undefined);
  await page.waitForFunction(() => Reflect.get(window, 'edits').length === 2);
  assert.equal(await edits(page), [
    ['2', null, null, 'pending'],
    ['2', null, null, 'confirmed'],
  ]);
});

scene('write: the page can save by itself', EDITABLE, async ({ page, cell, put }) => {
  await cell('1', 2).waitFor();
  await listen(page);
  await page.locator('#t').evaluate((element) => {
    Object.assign(element, { write: (write: unknown) => Object.assign(window, { write }) });
  });
  await cell('1', 2).dblclick();
  await editor(page).fill('A.');
  await editor(page).press('Enter');
  await page.locator('#t .pending', { hasText: 'A.' }).waitFor();
  assert.equal(await page.evaluate(() => Reflect.get(window, 'write')), {
    type: 'update',
    key: 1,
    data: { name: 'A.' },
  });
  put({ id: 1, name: 'A.', score: 10 });
  await page.locator('#t .pending').waitFor({ state: 'detached' });
});
