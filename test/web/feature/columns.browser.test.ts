/**
 * Columns arranged by pointer and by menu, in a real Chromium.
 *
 * @see FRONTEND 4 "Columns"
 */
import type { Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { suite } from '../../suite.ts';
import { updateEvent } from '../page-server.ts';
import { scenesOf } from '../table-scene.ts';

const test = suite('columns');
const { scene } = scenesOf(test);

function arrangeable(attributes = 'arrangeable'): (server: { body: string }) => void {
  return (server) => {
    server.body = `<sse-table src="/stream" label="Users" ${attributes}></sse-table>`;
  };
}

function headings(page: Page): Promise<string[]> {
  return page.locator('sse-table [role=columnheader]').allTextContents();
}

/** Resolves when these are the headings. */
function shown(page: Page, names: string[]): Promise<unknown> {
  return page.waitForFunction((expected) => {
    const cells = document
      .querySelector('sse-table')
      ?.shadowRoot?.querySelectorAll('[role=columnheader]');
    return Array.from(cells ?? [], ({ textContent }) => textContent).join() === expected;
  }, names.join());
}

async function boxOf(page: Page, name: string) {
  const box = await page.getByRole('columnheader', { name, exact: true }).boundingBox();
  if (box === null) throw new Error(`no heading ${name}`);
  return box;
}

async function drag(page: Page, from: [number, number], to: [number, number]): Promise<void> {
  await page.mouse.move(...from);
  await page.mouse.down();
  await page.mouse.move((from[0] + to[0]) / 2, to[1]);
  await page.mouse.move(...to);
  await page.mouse.up();
}

scene('a heading is dragged to another place, and nothing is sorted', arrangeable(), async (on) => {
  await on.page.getByRole('button', { name: 'Columns' }).waitFor();
  const score = await boxOf(on.page, 'Score');
  const name = await boxOf(on.page, 'Name');
  await drag(on.page, [score.x + 20, score.y + 10], [name.x + 20, name.y + 10]);
  await shown(on.page, ['ID', 'Score', 'Name', 'Age', 'City', 'Status']);
  assert.is(await on.page.locator('sse-table [aria-sort=ascending]').count(), 0);
  assert.equal((await on.cells(0)).slice(0, 3), ['1', '7.9', 'Li Si']);
  await on.page.getByRole('columnheader', { name: 'Name' }).click();
  await on.page.locator('sse-table [aria-sort=ascending]').waitFor();
});

scene('an edge is pulled, twice pressed it is as before', arrangeable(), async ({ page, rows }) => {
  await rows('20 rows');
  await page.getByRole('button', { name: 'Columns' }).waitFor();
  const before = await boxOf(page, 'Name');
  const edge: [number, number] = [before.x + before.width - 3, before.y + 10];
  await drag(page, edge, [edge[0] - 60, edge[1]]);
  assert.is(Math.round((await boxOf(page, 'Name')).width), Math.round(before.width - 60));
  const cell = await page.locator('sse-table .body .cell:nth-child(2)').first().boundingBox();
  assert.is(Math.round(cell?.width ?? 0), Math.round(before.width - 60));
  assert.is(await page.locator('sse-table [aria-sort=ascending]').count(), 0);
  await page.mouse.dblclick(edge[0] - 60, edge[1]);
  // It takes its share of the room again.
  await page.waitForFunction((width) => {
    const root = document.querySelector('sse-table')?.shadowRoot;
    const heading = root?.querySelectorAll('[role=columnheader]')[1];
    return (heading?.getBoundingClientRect().width ?? 0) > width + 20;
  }, before.width - 60);
});

scene(
  'right to left, an edge is pulled the other way',
  arrangeable('arrangeable dir="rtl"'),
  async ({ page, rows }) => {
    await rows('20 rows');
    await page.getByRole('button', { name: 'Columns' }).waitFor();
    const before = await boxOf(page, 'Name');
    const edge: [number, number] = [before.x + 3, before.y + 10];
    await drag(page, edge, [edge[0] - 50, edge[1]]);
    assert.is(Math.round((await boxOf(page, 'Name')).width), Math.round(before.width + 50));
  },
);

scene(
  'the menu hides, moves and pins, by keyboard alone',
  arrangeable(),
  async ({ page, rows }) => {
    await rows('20 rows');
    await page.getByRole('button', { name: 'Columns' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('checkbox', { name: 'Age' }).focus();
    await page.keyboard.press('Space');
    await shown(page, ['ID', 'Name', 'City', 'Score', 'Status']);
    await page.getByRole('button', { name: 'Move City towards the start' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Move City towards the start' }).press('Enter');
    await shown(page, ['ID', 'City', 'Name', 'Score', 'Status']);
    await page.getByRole('button', { name: 'Pin Status' }).press('Enter');
    await shown(page, ['Status', 'ID', 'City', 'Name', 'Score']);
    await page.getByRole('button', { name: 'Reset' }).press('Enter');
    await shown(page, ['ID', 'Name', 'Age', 'City', 'Score', 'Status']);
    await page.keyboard.press('Escape');
    await page.getByRole('checkbox', { name: 'Age' }).waitFor({ state: 'hidden' });
  },
);

scene(
  'a pinned column stays in sight while the others scroll',
  arrangeable(),
  async ({ page, rows }) => {
    await rows('20 rows');
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('button', { name: 'Pin Name' }).click();
    await shown(page, ['Name', 'ID', 'Age', 'City', 'Score', 'Status']);
    await page.keyboard.press('Escape');
    const places = () =>
      page.evaluate(() => {
        const root = document.querySelector('sse-table')?.shadowRoot;
        const at = (selector: string) => {
          const { left = 0 } = root?.querySelector(selector)?.getBoundingClientRect() ?? {};
          return Math.round(left);
        };
        const [name, id] = [1, 2].map((n) => at(`.body .cell:nth-child(${n})`));
        return { name, id, heading: at('.head .cell:nth-child(1)') };
      });
    const before = await places();
    await page.locator('sse-table .scroller').evaluate(
      (box) =>
        new Promise((done) => {
          box.addEventListener('scroll', done, { once: true });
          box.scrollLeft = 100;
        }),
    );
    const after = await places();
    assert.is(after.name, before.name);
    assert.is(after.heading, before.heading);
    assert.is(after.id, (before.id ?? 0) - 100);
  },
  { width: 360, height: 640 },
);

scene(
  'persist: order, widths and the order of rows are there after a reload',
  arrangeable('persist="users"'),
  async ({ page, rows, client }) => {
    await rows('20 rows');
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('checkbox', { name: 'Age' }).uncheck();
    await page.getByRole('spinbutton', { name: 'Width of Name in pixels' }).fill('222');
    await page.getByRole('spinbutton', { name: 'Width of Name in pixels' }).press('Enter');
    await page.keyboard.press('Escape');
    await page.getByRole('columnheader', { name: 'City' }).click();
    await page.locator('sse-table [aria-sort=ascending]').waitFor();
    client().send(updateEvent({ id: 1, score: 77 }));
    await page.waitForFunction(() => localStorage['sse-table:users']?.includes('"sort":"city"'));
    await page.reload();
    await shown(page, ['ID', 'Name', 'City', 'Score', 'Status']);
    await page.locator('sse-table [aria-sort=ascending]', { hasText: 'City' }).waitFor();
    assert.is(Math.round((await boxOf(page, 'Name')).width), 222);
    assert.equal(await headings(page), ['ID', 'Name', 'City', 'Score', 'Status']);
  },
);
