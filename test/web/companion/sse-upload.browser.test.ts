/** `<sse-upload>` in Chromium, against the real server. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { createApp } from '../../../server/app.ts';
import { systemClock } from '../../../server/base/clock.ts';
import type { Options } from '../../../server/options.ts';
import { loadPage } from '../../../server/page.ts';
import { findChromium, launchChromium, NO_CHROMIUM } from '../../services/chromium.ts';
import { suite } from '../../suite.ts';

const test = suite('<sse-upload>');

const LIMIT = { timeoutMs: 40_000 };

const root = mkdtempSync(join(tmpdir(), 'sse-table-drop-'));
test.after(() => rmSync(root, { recursive: true }));

const shared: { browser?: Browser } = {};

async function withZone(
  body: (opened: { page: Page; url: string; folder: string }) => Promise<void>,
  options: Partial<Options> = {},
  locale = 'en-US',
): Promise<void> {
  shared.browser ??= await launchChromium();
  const folder = mkdtempSync(join(root, 'case-'));
  const html = `<!doctype html><html lang="${locale}"><meta charset="utf-8"><title>Upload</title>
    <script type="module" src="/sse-table.js"></script><sse-upload></sse-upload></html>`;
  const files = new Map([...loadPage(), ['drop.html', Buffer.from(html)]]);
  const app = createApp(
    { grace: 50, uploads: folder, ...options },
    { clock: systemClock, page: files },
  );
  const { url } = await app.listen(0);
  const context = await shared.browser.newContext({ locale });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  try {
    await page.goto(`${url}/drop.html`);
    await page.locator('sse-upload [part="zone"]').waitFor();
    await body({ page, url, folder });
    assert.equal(errors, []);
  } finally {
    await context.close();
    await app.close();
  }
}

function file(name: string, text: string): { name: string; mimeType: string; buffer: Buffer } {
  return { name, mimeType: 'text/plain', buffer: Buffer.from(text) };
}

if (findChromium() === undefined) {
  test.skip('all', NO_CHROMIUM);
} else {
  test.after(async () => shared.browser?.close());

  test('chosen files are uploaded, and can be downloaded', LIMIT, () =>
    withZone(async ({ page, folder }) => {
      const files = [file('报告.txt', 'hello'), file('b.txt', 'b'), file('c.txt', 'c')];
      await page.locator('sse-upload input').setInputFiles(files);
      await page.locator('sse-upload [part~="completed"]').nth(2).waitFor();
      assert.is(readdirSync(folder).filter((name) => name.endsWith('.data')).length, 3);
      const text = await page.locator('sse-upload [part~="file"]').first().innerText();
      assert.match(text, /报告\.txt[\s\S]*Download[\s\S]*5 byte · uploaded/);
      const downloading = page.waitForEvent('download');
      await page.getByRole('link', { name: 'Download' }).first().click();
      assert.is((await downloading).suggestedFilename(), '报告.txt');
    }),
  );

  test('dropped files are taken, and the page stays', LIMIT, () =>
    withZone(async ({ page }) => {
      const data = await page.evaluateHandle(() => {
        const transfer = new DataTransfer();
        transfer.items.add(new File(['dropped'], 'dropped.txt'));
        return transfer;
      });
      const zone = page.locator('sse-upload [part="zone"]');
      await zone.dispatchEvent('dragover', { dataTransfer: data });
      await zone.dispatchEvent('drop', { dataTransfer: data });
      await page.locator('sse-upload [part~="completed"]').waitFor();
      await page.getByText('dropped.txt').waitFor();
    }),
  );

  test('a refusal is shown in the words of the server, and can be tried again', LIMIT, () =>
    withZone(
      async ({ page, folder }) => {
        await page.locator('sse-upload input').setInputFiles([file('big.txt', 'x'.repeat(2_000))]);
        await page.locator('sse-upload [part~="failed"]').waitFor();
        await page.getByText('a file may have at most 1024 bytes').waitFor();
        assert.equal(readdirSync(folder), []);
        await page.getByRole('button', { name: '重试' }).click();
        await page.locator('sse-upload [part~="failed"]').waitFor();
        assert.is(await page.locator('sse-upload [part~="file"]').count(), 1);
      },
      { maxUpload: 1_024 },
      'zh-CN',
    ),
  );

  test("progress is the server's; cancelled, nothing is kept", LIMIT, () =>
    withZone(async ({ page, folder }) => {
      // The body is held back half way, so that there is time to see.
      await page.evaluate(() => {
        const send = globalThis.fetch;
        globalThis.fetch = (input, init) => {
          if (init?.method !== 'PUT') return send(input, init);
          return new Promise((_resolve, reject) => {
            init.signal?.addEventListener('abort', () =>
              reject(new DOMException('', 'AbortError')),
            );
          });
        };
      });
      await page.locator('sse-upload input').setInputFiles([file('a.txt', 'abc')]);
      await page.locator('sse-upload [part~="sending"]').waitFor();
      await page.getByRole('progressbar', { name: 'Upload of a.txt' }).waitFor();
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.locator('sse-upload [part~="cancelled"]').waitFor();
      assert.equal(readdirSync(folder), []);
    }),
  );
}
