import * as assert from 'uvu/assert';
import type { Source } from '../../server/source/source.ts';
import { suite } from '../suite.ts';
import { withApp } from './server.ts';

const test = suite('operation routes');

test('GET /api/metrics: the members of the specification, and the state of everything', async () => {
  await withApp({ demo: true, maxConnections: 10_000 }, async ({ url }) => {
    const response = await fetch(`${url}/api/metrics`);
    const metrics = JSON.parse(await response.text());
    assert.is(response.headers.get('cache-control'), 'no-store');
    assert.is(metrics.status, 'success');
    for (const name of [
      'active_sessions',
      'total_connections',
      'pending_messages',
      'table_records',
      'memory_usage',
      'uptime',
    ]) {
      assert.type(metrics[name], 'number', name);
    }
    assert.is(metrics.table_records, 10);
    assert.equal(metrics.thresholds.connections, {
      normal: 5_000,
      warn: 8_000,
      value: 0,
      level: 'normal',
    });
  });
});

test('GET /metrics: every family has HELP and TYPE, and every line is well-formed', async () => {
  await withApp({ demo: true }, async ({ url }) => {
    const response = await fetch(`${url}/metrics`);
    assert.is(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    const lines = (await response.text()).split('\n');
    assert.is(lines.pop(), '');
    const types = new Map<string, string>();
    for (const line of lines) {
      const type = /^# TYPE (\S+) (counter|gauge)$/.exec(line);
      if (type?.[1] !== undefined && type[2] !== undefined) types.set(type[1], type[2]);
      else if (!/^# HELP \S+ .+\.$/.test(line)) {
        const sample = /^(sse_table_[a-z0-9_]+)(?:\{[a-z]+="[a-z0-9.]+"\})? \d\S*$/.exec(line);
        assert.ok(sample, line);
        const isCounter = sample?.[1]?.endsWith('_total');
        assert.is(types.get(sample?.[1] ?? ''), isCounter ? 'counter' : 'gauge', line);
      }
    }
    assert.ok(lines.includes('sse_table_table_records 10'));
    assert.ok(types.size > 30);
  });
});

test('metrics: each source, whether it is up, and how far its tables are behind', async () => {
  await withApp({}, async ({ app, url }) => {
    const run: Source['run'] = async function* ({ signal }) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    };
    app.attach({ name: 'file "a".csv', down: 'it is not there', run });
    app.attach({ name: 'shop.db', down: undefined, lag: { changes: 5, seconds: 0.25 }, run });
    const { sources } = await (await fetch(`${url}/api/metrics`)).json();
    assert.equal(sources, [
      { name: 'file "a".csv', up: false },
      { name: 'shop.db', up: true, lag: { changes: 5, seconds: 0.25 } },
    ]);
    const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n');
    assert.equal(
      lines.filter((line) => line.startsWith('sse_table_source_')),
      [
        'sse_table_source_up{source="file \\"a\\".csv"} 0',
        'sse_table_source_up{source="shop.db"} 1',
        'sse_table_source_lag_changes{source="shop.db"} 5',
        'sse_table_source_lag_seconds{source="shop.db"} 0.25',
      ],
    );
  });
});

test('GET /readyz: 503 that names the source that is down', async () => {
  await withApp({}, async ({ app, url }) => {
    assert.is((await fetch(`${url}/readyz`)).status, 200);
    const source: Source = {
      name: 'file orders.csv',
      down: 'it is not there; waiting for it',
      async *run({ signal }) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    };
    app.attach(source);
    const response = await fetch(`${url}/readyz`);
    assert.is(response.status, 503);
    assert.equal(JSON.parse(await response.text()), {
      status: 'error',
      code: 'source_down',
      message: 'file orders.csv is down: it is not there; waiting for it',
    });
    assert.is((await fetch(`${url}/healthz`)).status, 200);
  });
});
