import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../../suite.ts';
import { makeChaos } from './chaos.ts';

const test = suite('SqliteSource in chaos');

const folder = mkdtempSync(join(tmpdir(), 'sse-table-chaos-'));
test.after(() => rmSync(folder, { recursive: true }));

const SECONDS = 6;

test('file, server and clients agree in the end; nobody was given everything twice', {
  timeoutMs: 90_000,
}, async () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  console.log(`seed ${seed}`);
  const path = join(folder, 'chaos.db');
  const result = await makeChaos({ path, seed, seconds: SECONDS, disasterMs: 1_200 });
  const { acknowledged, missing, different, reloads } = result;
  const shown = JSON.stringify({ seed, ...result });
  assert.equal(different, [], shown);
  assert.is(missing, 0, shown);
  assert.ok(acknowledged > 0, shown);
  assert.ok(
    reloads.every((count) => count === 0),
    shown,
  );
});
