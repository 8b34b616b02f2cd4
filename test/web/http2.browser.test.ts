/** Many streams on one page, in Chromium over HTTP/2: HTTP/1.1 would stop at six. @see SPEC 8 */
import * as assert from 'uvu/assert';
import { createApp } from '../../server/app.ts';
import { loadPage } from '../../server/page.ts';
import { CERTIFICATE } from '../http/http2-client.ts';
import { findChromium, launchChromium, NO_CHROMIUM } from '../services/chromium.ts';
import { suite } from '../suite.ts';

const test = suite('HTTP/2 in Chromium');

const LIMIT = { timeoutMs: 60_000 };
const NAMES = Array.from({ length: 10 }, (_, n) => `t${n}`);
const TITLE =
  'ten elements and ten EventSources on one page: one connection, all live, and resumed';

async function tenOnOnePage(): Promise<void> {
  const files = new Map(loadPage());
  const elements = NAMES.map((name) => `<sse-table src="/api/tables/${name}/stream"></sse-table>`);
  files.set(
    'index.html',
    Buffer.from(
      `<!doctype html><script type="module" src="sse-table.js"></script>${elements.join('')}`,
    ),
  );
  const app = createApp({ ...CERTIFICATE, grace: 1_000 }, { page: files });
  const { url, port } = await app.listen(0);
  const tables = NAMES.map((name) => app.table(name));
  for (const table of tables) table.apply([{ type: 'add', data: { id: 1, text: 'first' } }]);
  const browser = await launchChromium(['--ignore-certificate-errors']);
  try {
    const page = await browser.newPage();
    await page.goto(`${url}/`);
    await page.evaluate((names) => {
      const seen: Record<string, string[]> = {};
      Object.assign(window, { seen });
      for (const name of names) {
        seen[name] = [];
        const source = new EventSource(`/api/tables/${name}/stream`);
        source.onmessage = ({ data }) => seen[name]?.push(JSON.parse(data).type);
      }
    }, NAMES);
    await page.waitForFunction(
      () => Object.values(Reflect.get(window, 'seen')).flat().length >= 10,
    );
    for (const table of tables) table.apply([{ type: 'update', data: { id: 1, text: 'second' } }]);
    await page.waitForFunction(
      () => Object.values(Reflect.get(window, 'seen')).flat().length >= 20,
    );
    assert.equal(
      await page.evaluate(() => Object.values(Reflect.get(window, 'seen'))),
      NAMES.map(() => ['init', 'update']),
    );
    for (const name of NAMES) {
      await page.locator(`sse-table[src*="/${name}/"]`).getByText('second').waitFor();
    }
    const figures = await page.evaluate(async () => (await fetch('/api/metrics')).json());
    assert.is(figures.streams.subscribers, 20);
    assert.is(figures.http.http2_sessions, 1);
    const protocols = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .map((entry) => Reflect.get(entry, 'nextHopProtocol')),
    );
    assert.equal([...new Set(protocols)], ['h2']);

    // The server goes and comes back on the same port: each client finds its own way back.
    await app.close();
    const again = createApp({ ...CERTIFICATE, grace: 1_000 }, { page: files });
    for (const name of NAMES) {
      again.table(name).apply([{ type: 'add', data: { id: 1, text: 'third' } }]);
    }
    await again.listen(port);
    try {
      for (const name of NAMES) {
        await page.locator(`sse-table[src*="/${name}/"]`).getByText('third').waitFor();
      }
      await page.waitForFunction(
        () =>
          Object.values(Reflect.get(window, 'seen'))
            .flat()
            .filter((type) => type === 'init').length >= 20,
      );
    } finally {
      await again.close();
    }
  } finally {
    await browser.close();
    await app.close();
  }
}

if (findChromium() === undefined) test.skip(TITLE, NO_CHROMIUM);
else test(TITLE, LIMIT, tenOnOnePage);
