/**
 * The example pages as the build serves them, in Chromium against the real server.
 *
 * @see SPEC 5, FRONTEND 4 "works from React, Vue and plain HTML"
 */
import type { Browser } from 'playwright-core';
import * as assert from 'uvu/assert';
import { createApp } from '../../../server/app.ts';
import { loadPage } from '../../../server/page.ts';
import { findChromium, launchChromium, NO_CHROMIUM } from '../../services/chromium.ts';
import { suite } from '../../suite.ts';

const test = suite('examples');
const LIMIT = { timeoutMs: 60_000 };

let browser: Browser | undefined;
test.after(async () => browser?.close());

for (const name of ['client', 'lit', 'react', 'vue']) {
  if (findChromium() === undefined) {
    test.skip(name, NO_CHROMIUM);
    continue;
  }
  test(
    `${name}: live rows, a change of its own comes back by the stream, one connection`,
    LIMIT,
    async () => {
      browser ??= await launchChromium();
      const app = createApp({ demo: true, grace: 100 }, { page: loadPage() });
      const { url } = await app.listen(0);
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      try {
        await page.goto(`${url}/example-${name}.html`);
        await page.getByText('Live', { exact: true }).waitFor();
        const items = page.locator('#app li');
        await items.nth(4).waitFor();
        assert.is(await items.count(), 5);
        assert.is(await page.getByText('Ada').count(), 0);
        await page.getByRole('button', { name: 'Add a user' }).click();
        await items.first().filter({ hasText: 'Ada Lovelace' }).waitFor();
        assert.is(await items.count(), 5);
        const metrics: unknown = await (await fetch(`${url}/api/metrics`)).json();
        assert.is(JSON.stringify(metrics).match(/"total_connections":(\d+)/)?.[1], '1');
        assert.equal(complaints, []);
      } finally {
        await page.close();
        await app.close();
      }
    },
  );
}
