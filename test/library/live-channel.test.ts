import * as assert from 'uvu/assert';
import { createApp } from '../../server/app.ts';
import type { Asking, Verdict } from '../../server/http/authorize.ts';
import { EventSourceClient, type Heard } from '../http/event-source-client.ts';
import { withApp } from '../http/server.ts';
import { suite } from '../suite.ts';

const test = suite('app.channel');

/** What was heard, without the ids. */
function said(events: readonly Heard[]): object[] {
  return events.map(({ id: _, ...event }) => event);
}

test('publish: to all who listen; who comes back resumes', async () => {
  await withApp({}, async ({ app, url }) => {
    const news = app.channel('news');
    assert.is(app.channel('news'), news);
    const path = `${url}/api/channels/news`;
    let lastEventId = '';
    {
      using client = new EventSourceClient(path);
      await client.first(1, 'connected');
      assert.is(news.subscribers, 1);
      news.publish({ type: 'headline', text: 'one\ntwo' });
      const heard = await client.first(1, 'headline');
      assert.equal(said(heard), [{ type: 'headline', text: 'one\ntwo' }]);
      lastEventId = heard[0]?.id ?? '';
    }
    for (const text of ['a', 'b']) news.publish({ type: 'headline', text });
    using back = new EventSourceClient(path, { 'Last-Event-ID': lastEventId });
    assert.equal(said(await back.first(2, 'headline')), [
      { type: 'headline', text: 'a' },
      { type: 'headline', text: 'b' },
    ]);
  });
});

test('history: a newcomer gets the latest; keep: the oldest leave', async () => {
  await withApp({}, async ({ app, url }) => {
    const news = app.channel('news', { keep: 3, history: 2 });
    const numbers = (from: number) => [3, 4, 5].slice(from).map((n) => ({ type: 'n', n }));
    for (let n = 1; n <= 5; n++) news.publish({ type: 'n', n });
    assert.equal(news.history(), numbers(0));
    using client = new EventSourceClient(`${url}/api/channels/news`);
    assert.equal(said(await client.first(2, 'n')), numbers(1));
  });
});

test('private: to the streams of one user alone; broadcast: to every channel', async () => {
  const authorize = ({ query }: Asking): Verdict => ({ user: query.get('as') ?? undefined });
  const body = async ({ app, url }: Parameters<Parameters<typeof withApp>[1]>[0]) => {
    const news = app.channel('news');
    app.channel('alerts');
    using ann = new EventSourceClient(`${url}/api/channels/news?as=ann`);
    using bob = new EventSourceClient(`${url}/api/channels/news?as=bob`);
    using alerts = new EventSourceClient(`${url}/api/channels/alerts`);
    for (const client of [ann, bob, alerts]) await client.first(1, 'connected');
    news.private('ann', { type: 'note', text: 'for ann' });
    app.broadcast({ type: 'all' });
    for (const client of [ann, bob, alerts]) await client.first(1, 'all');
    assert.equal(said(ann.of('note')), [{ type: 'note', text: 'for ann' }]);
    assert.is(bob.of('note').length, 0);
    assert.equal(news.history(), [{ type: 'all' }]);
    assert.throws(() => news.private('*', { type: 'note' }), /"\*" is no user/);
  };
  await withApp({}, body, { authorize });
});

test('names, numbers and values that are none are refused', async () => {
  const app = createApp();
  assert.throws(() => app.channel('a b'), /channel "a b": use letters/);
  assert.throws(() => app.channel('a', { keep: 0 }), /keep is 0; give a whole number from 1/);
  assert.throws(() => app.channel('a').publish({ when: Number.NaN }), /event\.when/);
  await app.close();
});
