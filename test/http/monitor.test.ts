import * as assert from 'uvu/assert';
import type { Vitals } from '../../server/base/vitals.ts';
import { Monitor } from '../../server/http/monitor.ts';
import type { ThresholdsOptions } from '../../server/http/thresholds.ts';
import { FakeClock } from '../fake-clock.ts';
import { suite } from '../suite.ts';

const test = suite('Monitor');

interface Scene {
  clock: FakeClock;
  monitor: Monitor;
  now: { share: number; cpuMicros: number; p99Ms: number; connections: number; messages: number };
  lines: string[];
}

function create(options: Partial<ThresholdsOptions> = {}): Scene {
  const clock = new FakeClock();
  const now = { share: 0.1, cpuMicros: 0, p99Ms: 1, connections: 0, messages: 0 };
  const lines: string[] = [];
  const vitals: Vitals = {
    memory: () => ({ rss: 1, heapUsed: 1, heapTotal: 1, external: 1, limit: 10, share: now.share }),
    cpuMicros: () => now.cpuMicros,
    load: () => [1, 2, 3],
    takeLoopDelay: () => ({ p50Ms: 0, p99Ms: now.p99Ms }),
    stop: () => undefined,
  };
  const record = (text: string): void => void lines.push(text);
  const log = { debug: record, info: record, warn: record, error: record };
  const monitor = new Monitor({
    clock,
    vitals,
    log,
    thresholds: {
      maxConnections: 100,
      warnConnections: 80,
      warnMemory: 85,
      warnCpu: 80,
      warnMessages: 2_000,
      ...options,
    },
    connections: () => now.connections,
    messages: () => now.messages,
    onOverload: (isOverloaded) => void lines.push(`onOverload ${isOverloaded}`),
  });
  return { clock, monitor, now, lines };
}

test('rates and shares are of the last second', () => {
  const { clock, monitor, now } = create();
  now.cpuMicros = 500_000;
  now.messages = 300;
  clock.advance(1_000);
  assert.is(monitor.cpuShare, 0.5);
  assert.is(monitor.messagesPerS, 300);
  clock.advance(1_000);
  assert.is(monitor.cpuShare, 0);
  assert.is(monitor.messagesPerS, 0);
  assert.is(monitor.uptimeS, 2);
});

test('thresholds: told once on crossing, and once when back to normal', () => {
  const { clock, monitor, now, lines } = create();
  for (const connections of [10, 60, 81, 90, 79, 82, 49, 60, 10]) {
    now.connections = connections;
    clock.advance(1_000);
  }
  assert.equal(lines, ['connections passed the warning mark', 'connections back to normal']);
  assert.is(monitor.thresholds.states.connections.level, 'normal');
  now.connections = 60;
  clock.advance(1_000);
  assert.is(monitor.thresholds.states.connections.level, 'raised');
});

test('thresholds: CPU and changes by their mean of 5 s, so that a start or a batch is no warning', () => {
  const { clock, monitor, now, lines } = create();
  now.cpuMicros += 3e6; // all of three cores, for a second
  now.messages += 9_000;
  clock.advance(1_000);
  clock.advance(5_000);
  assert.equal(lines, []);
  for (let s = 1; s <= 5; s++) {
    now.cpuMicros += 1e6;
    clock.advance(1_000);
  }
  assert.equal(lines, ['cpu passed the warning mark']);
  assert.is(monitor.thresholds.states.cpu.value, 1);
});

test('thresholds: the marks follow the options, normal ones in proportion', () => {
  const { monitor } = create({ maxConnections: 10_000, warnMemory: 50, warnMessages: 10 });
  const { connections, memory, cpu, messages } = monitor.thresholds.states;
  assert.equal([connections.normal, connections.warn], [5_000, 8_000]);
  assert.equal([memory.normal.toFixed(3), memory.warn], ['0.412', 0.5]);
  assert.equal([cpu.normal.toFixed(3), cpu.warn], ['0.600', 0.8]);
  assert.equal([messages.normal, messages.warn], [5, 10]);
});

test('overload: p99 above 1 s for 5 s, not sooner and not by CPU; told on each change', () => {
  const { clock, monitor, now, lines } = create();
  now.p99Ms = 1_001;
  clock.advance(5_000);
  assert.is(monitor.isOverloaded, false);
  clock.advance(1_000);
  assert.is(monitor.isOverloaded, true);
  clock.advance(5_000);
  now.p99Ms = 1_000;
  clock.advance(1_000);
  assert.is(monitor.isOverloaded, false);
  const told = lines.filter((line) => line.startsWith('onOverload'));
  assert.equal(told, ['onOverload true', 'onOverload false']);
  for (let s = 1; s <= 10; s++) {
    now.cpuMicros += 2e6;
    clock.advance(1_000);
  }
  assert.is(monitor.isOverloaded, false);
});

test('overload: memory above 95 % of its limit', () => {
  const { clock, monitor, now, lines } = create();
  now.share = 0.95;
  clock.advance(1_000);
  assert.is(monitor.isOverloaded, false);
  now.share = 0.951;
  clock.advance(1_000);
  assert.is(monitor.isOverloaded, true);
  assert.ok(lines.includes('onOverload true'));
});

test('stop: nothing is left waiting', () => {
  const { clock, monitor } = create();
  monitor.stop();
  assert.is(clock.waiting, 0);
});
