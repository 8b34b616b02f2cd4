/** `<sse-messages>` in Chromium, against the real server. */
import type { Browser, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { createApp } from '../../../server/app.ts';
import { systemClock } from '../../../server/base/clock.ts';
import { loadPage } from '../../../server/page.ts';
import { findChromium, launchChromium, NO_CHROMIUM } from '../../services/chromium.ts';
import { suite } from '../../suite.ts';

const test = suite('<sse-messages>');

const LIMIT = { timeoutMs: 40_000 };

const shared: { browser?: Browser } = {};

interface Opened {
  page: Page;
  url: string;
  post(content: string, isFromBot?: boolean, sessionId?: string): Promise<void>;
  /** Ends all connections; what is done next is done without a server. */
  stop(): Promise<void>;
}

async function withChat(
  attributes: string,
  body: (opened: Opened) => Promise<void>,
  { locale = 'en-US', before = async (_post: Opened['post']): Promise<void> => undefined } = {},
): Promise<void> {
  shared.browser ??= await launchChromium();
  const html = `<!doctype html><html lang="${locale}"><meta charset="utf-8"><title>Chat</title>
    <script type="module" src="/sse-table.js"></script>
    <sse-messages ${attributes}></sse-messages></html>`;
  const files = new Map([...loadPage(), ['chat.html', Buffer.from(html)]]);
  const app = createApp({ grace: 50, retry: 100 }, { clock: systemClock, page: files });
  const { url } = await app.listen(0);
  const context = await shared.browser.newContext({ locale, timezoneId: 'UTC' });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  const post: Opened['post'] = async (content, isFromBot = true, sessionId = 's') => {
    const { status } = await fetch(`${url}/api/messages`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ sessionId, content, isFromBot }),
    });
    assert.is(status, 201);
  };
  try {
    await before(post);
    await page.goto(`${url}/chat.html`);
    await page.locator('sse-messages [part~="messages"]').waitFor();
    await body({ page, url, post, stop: () => app.close() });
    assert.equal(errors, []);
  } finally {
    await context.close();
    await app.close();
  }
}

async function bubbles(page: Page, count: number): Promise<string[]> {
  const all = page.locator('sse-messages [part="bubble"]');
  await all.nth(count - 1).waitFor();
  return all.allTextContents();
}

function isAtBottom(page: Page): Promise<boolean> {
  return page
    .locator('sse-messages [part="messages"]')
    .evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight <= 8);
}

if (findChromium() === undefined) {
  test.skip('all', NO_CHROMIUM);
} else {
  test.after(async () => shared.browser?.close());

  test('history, then what comes; each sender on a side of their own, with the time', LIMIT, () =>
    withChat(
      'session-id="s"',
      async ({ page, post }) => {
        assert.equal(await bubbles(page, 2), ['hello\n  there', 'hi']);
        await post('<b>as text</b>');
        await post('another session', true, 'other');
        assert.equal((await bubbles(page, 3))[2], '<b>as text</b>');
        const sides = await page
          .locator('sse-messages [part~="message"]')
          .evaluateAll((items) => items.map((item) => item.getAttribute('part')));
        assert.equal(sides, ['message other', 'message own', 'message other']);
        const about = await page.locator('sse-messages [part="about"]').first().textContent();
        assert.match(about?.replace(/\s+/g, ' ').trim() ?? '', /^Bot \d{1,2}:\d\d [AP]M$/);
        assert.is(await page.locator('sse-messages [part="day"]').count(), 1);
      },
      {
        before: async (post) => {
          await post('hello\n  there');
          await post('hi', false);
        },
      },
    ),
  );

  test('the field posts by Enter and by the button; Shift+Enter is a line', LIMIT, () =>
    withChat('session-id="s"', async ({ page }) => {
      const input = page.getByRole('textbox', { name: 'Write a message' });
      await input.fill('one');
      await input.press('Shift+Enter');
      await input.pressSequentially('two');
      await input.press('Enter');
      assert.equal(await bubbles(page, 1), ['one\ntwo']);
      assert.is(await input.inputValue(), '');
      await input.fill('three');
      await page.getByRole('button', { name: 'Send' }).click();
      assert.equal(await bubbles(page, 2), ['one\ntwo', 'three']);
      await input.press('Enter');
      assert.is(await page.locator('sse-messages [part="problem"]').count(), 0);
    }),
  );

  test('the reader who has scrolled up stays there, and unread messages are counted', LIMIT, () =>
    withChat(
      'session-id="s"',
      async ({ page, post }) => {
        await bubbles(page, 40);
        assert.ok(await isAtBottom(page), 'it begins at the bottom');
        await post('41');
        await bubbles(page, 41);
        assert.ok(await isAtBottom(page), 'it follows');
        const list = page.locator('sse-messages [part="messages"]');
        await list.evaluate((element) => element.scrollTo(0, 0));
        await post('42');
        await post('43');
        const latest = page.getByRole('button', { name: '2 new' });
        await latest.waitFor();
        assert.is(await list.evaluate((element) => element.scrollTop), 0);
        assert.is(await page.locator('sse-messages').getAttribute('unread'), '2');
        await latest.click();
        await page.locator('sse-messages[unread="0"]').waitFor();
        assert.ok(await isAtBottom(page), 'it is back');
      },
      {
        before: async (post) => {
          for (let n = 1; n <= 40; n++) await post(String(n));
        },
      },
    ),
  );

  test('what could not be sent stays in the field, with the reason', LIMIT, () =>
    withChat('session-id="s"', async ({ page, stop }) => {
      await stop();
      const input = page.getByRole('textbox');
      await input.fill('lost?');
      await input.press('Enter');
      const problem = page.getByRole('alert');
      await problem.waitFor();
      assert.match((await problem.textContent()) ?? '', /Not sent: /);
      assert.is(await input.inputValue(), 'lost?');
      await page.getByText('Connection lost').waitFor();
    }),
  );

  test('readonly, and no session: no field; Chinese', LIMIT, async () => {
    await withChat('session-id="s" readonly', async ({ page }) => {
      assert.is(await page.getByRole('textbox').count(), 0);
    });
    await withChat(
      '',
      async ({ page, post }) => {
        await page.getByText('还没有消息').waitFor();
        await post('你好', true, 'any');
        assert.equal(await bubbles(page, 1), ['你好']);
        assert.is(await page.getByRole('textbox').count(), 0);
      },
      { locale: 'zh-CN' },
    );
  });

  test('as="bot": the other side; another session replaces all', LIMIT, () =>
    withChat('session-id="s" as="bot"', async ({ page, post }) => {
      await post('of the bot');
      await bubbles(page, 1);
      assert.is(await page.locator('sse-messages [part="message own"]').count(), 1);
      await post('elsewhere', true, 't');
      await page.locator('sse-messages').evaluate((chat) => chat.setAttribute('session-id', 't'));
      await page.getByText('elsewhere').waitFor();
      assert.equal(await bubbles(page, 1), ['elsewhere']);
    }),
  );
}
