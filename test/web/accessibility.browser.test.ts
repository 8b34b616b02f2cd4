/**
 * The element with every feature on, for those who see nothing of it or use no pointer: axe-core finds
 * nothing, and the accessibility tree says what is done by keyboard.
 *
 * @see FRONTEND 4 "Keyboard and screen reader", 6
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { suite } from '../suite.ts';
import { demoRows, initEvent, updateEvent } from './page-server.ts';
import { scenesOf } from './table-scene.ts';

const test = suite('accessibility');
const { scene } = scenesOf(test);

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  nodes: { html: string }[];
}

function everything(count: number): Parameters<typeof scene>[1] {
  return (server) => {
    server.body = `<main><h1>Users</h1><sse-table src="/stream" label="Users" debounce="0" debug
      arrangeable editable searchable filterable></sse-table></main>`;
    server.onStream = (client) => client.send(initEvent(demoRows(count)), 'e.1');
  };
}

/** What axe-core finds wrong, in the shadow tree too. */
async function violations(page: Page): Promise<string[]> {
  const devtools = await page.context().newCDPSession(page);
  // Not a script element: the page's policy lets none in.
  await devtools.send('Runtime.evaluate', { expression: AXE });
  const found: Violation[] = await page.evaluate(async () => {
    const axe: { run(): Promise<{ violations: Violation[] }> } = Reflect.get(window, 'axe');
    return (await axe.run()).violations;
  });
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n  ')}`);
}

for (const colorScheme of ['light', 'dark'] as const) {
  scene(`axe-core finds nothing, ${colorScheme}`, everything(2_000), async ({ page, rows }) => {
    await page.emulateMedia({ colorScheme });
    await rows('2,000 rows');
    await page.getByRole('button', { name: 'Columns' }).waitFor();
    await page.locator('sse-table .edits').waitFor({ state: 'attached' });
    await page.locator('sse-table .body .cell').nth(7).click();
    assert.equal(await violations(page), []);
    await page.locator('sse-table .body .cell').nth(8).dblclick();
    await page.locator('sse-table .editor input').waitFor();
    assert.equal(await violations(page), []);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+f');
    await page.locator('sse-table .find input').fill('li');
    await page.getByRole('button', { name: 'Columns' }).click();
    assert.equal(await violations(page), []);
    await page.keyboard.press('Escape');
    await page.locator('sse-table .scroller').focus();
    await page.keyboard.press('Delete');
    await page.getByRole('dialog').waitFor();
    assert.equal(await violations(page), []);
  });
}

scene('sort, filter, select, edit, pause by keyboard alone', everything(4), async (on) => {
  const { page, client, rows } = on;
  await rows('4 rows');
  await page.locator('sse-table .edits').waitFor({ state: 'attached' });
  await page.getByRole('button', { name: 'Columns' }).waitFor();
  const tree = async () => page.locator('sse-table').ariaSnapshot();
  /** Tab until the focus is where it is wanted. */
  const tabTo = async (selector: string) => {
    for (let presses = 0; presses < 20; presses++) {
      await page.keyboard.press('Tab');
      if (await page.locator(`sse-table ${selector}`).evaluate((e) => e.matches(':focus'))) return;
    }
    throw new Error(`no way to ${selector}`);
  };
  const print = (title: string, text: string) => {
    if (process.env.PRINT_TREE !== undefined) console.log(`--- ${title}\n${text}`);
  };

  await tabTo('.scroller');
  for (const key of ['ArrowUp', 'ArrowRight', 'ArrowRight', 'Enter'])
    await page.keyboard.press(key);
  await page.locator('sse-table [aria-sort=ascending]').waitFor();
  const sorted = await tree();
  print('sorted by age', sorted);
  assert.match(sorted, /columnheader "Age/);
  assert.is(await page.locator('sse-table [aria-sort=ascending]').textContent(), 'Age');

  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Space');
  const selected = await tree();
  print('first row selected', selected);
  assert.match(selected, /row "[^"]*" \[selected\]/);
  const active = await page
    .locator('sse-table .scroller')
    .evaluate((box) => box.getAttribute('aria-activedescendant'));
  assert.is(active, 'active');

  await page.keyboard.press('F2');
  const editing = await tree();
  print('editing', editing);
  assert.match(editing, /textbox "Age, 1"/);
  await page.keyboard.press('Escape');

  await page.keyboard.press('Tab');
  await page.keyboard.type('3');
  await rows('1 of 4 rows');
  const filtered = await tree();
  print('filtered by id', filtered);
  assert.match(filtered, /searchbox "Filter ID"[^\n]*: "?3/);

  await page.locator('sse-table .scroller').focus();
  for (let presses = 0; presses < 20; presses++) {
    await page.keyboard.press('Shift+Tab');
    if (await page.getByRole('button', { name: 'Pause' }).evaluate((e) => e.matches(':focus')))
      break;
  }
  await page.keyboard.press('Enter');
  client().send(updateEvent({ id: 3, score: 9 }));
  await page.getByRole('button', { name: 'Resume · 1 changes waiting' }).waitFor();
  const paused = await tree();
  print('paused', paused);
  assert.match(paused, /button "Resume · 1 changes waiting"/);
  await page
    .locator('sse-table [role=status]', { hasText: 'Paused' })
    .first()
    .waitFor({ state: 'attached' });
});
