/**
 * A million rows in a real Chromium: taller than a browser lets an element be.
 *
 * @see FRONTEND 2 "scaled scrolling"
 */
import * as assert from 'uvu/assert';
import { suite } from '../../suite.ts';
import { initEvent } from '../page-server.ts';
import { scenesOf } from '../table-scene.ts';

const test = suite('a million rows');
const { scene } = scenesOf(test);

const TOTAL = 1_000_000;
const CHUNK = 50_000;

function ids(first: number): { id: number }[] {
  return Array.from({ length: CHUNK }, (_, at) => ({ id: first + at }));
}

scene(
  'wheel, thumb and keys reach every row, and none is blank',
  (server) => {
    server.onStream = (client) => {
      const columns = [{ name: 'id', type: 'number' } as const];
      client.send({ ...initEvent(ids(1), TOTAL), columns });
      for (let first = CHUNK + 1; first <= TOTAL; first += CHUNK) {
        const loaded = first - 1 + CHUNK;
        client.send({ type: 'rows', data: ids(first), loaded, total: TOTAL });
      }
      client.send({ type: 'ready', total: TOTAL }, 'e.1');
    };
  },
  async ({ page, rows }) => {
    page.setDefaultTimeout(40_000); // 11 MB of rows, on a busy machine
    await rows('1,000,000 rows');
    const box = page.locator('sse-table .scroller');
    /** The rows in sight, top to bottom; throws where there is a gap. */
    const seen = () =>
      page.evaluate(async () => {
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        const root = document.querySelector('sse-table')?.shadowRoot;
        const clip = root?.querySelector('.scroller')?.getBoundingClientRect();
        const top = root?.querySelector('.head')?.getBoundingClientRect().bottom ?? 0;
        if (clip === undefined) throw new Error('no box');
        const places = Array.from(root?.querySelectorAll('.body .row') ?? [], (row) => ({
          ...{ top: row.getBoundingClientRect().top, bottom: row.getBoundingClientRect().bottom },
          id: Number(row.textContent),
        })).filter((row) => row.bottom > top && row.top < clip.bottom);
        let end = places[0]?.top ?? Number.POSITIVE_INFINITY;
        for (const row of places) {
          if (Math.abs(row.top - end) > 1) throw new Error(`a gap before ${row.id}`);
          end = row.bottom;
        }
        if ((places[0]?.top ?? 1e9) > top + 1 || end < clip.bottom - 20) throw new Error('a blank');
        return places.map(({ id }) => id);
      });
    assert.is((await seen())[0], 1);
    await box.hover();
    await page.mouse.wheel(0, 400); // ten rows
    await page.waitForFunction(() => {
      const root = document.querySelector('sse-table')?.shadowRoot;
      return (root?.querySelector('.scroller')?.scrollTop ?? 0) >= 400;
    });
    assert.is((await seen())[0], 11);
    await box.evaluate((element) => {
      element.scrollTop = element.scrollHeight / 2;
    });
    const middle = (await seen())[0] ?? 0;
    assert.ok(middle > 490_000 && middle < 510_000, String(middle));
    const drawn = Number(await page.locator('sse-table .body .row').first().textContent());
    await page.mouse.wheel(0, 400);
    await page.waitForFunction((first) => {
      const row = document.querySelector('sse-table')?.shadowRoot?.querySelector('.body .row');
      return Number(row?.textContent) >= first + 10;
    }, drawn);
    assert.is((await seen())[0], middle + 10);
    await box.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Control+End');
    assert.is((await seen()).at(-1), TOTAL);
    await page.keyboard.press('Control+Home');
    assert.is((await seen())[0], 1);
  },
);
