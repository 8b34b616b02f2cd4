/**
 * The tables of the gallery: an order book, a leaderboard, a fleet, a request log and many sensors, made
 * and changed at random. Pure: the same numbers give the same rows.
 *
 * @see FRONTEND 6, SPEC 3.3 "Randomness from a seed"
 */
import type { Random } from '../base/random.ts';
import type { Change, Row } from '../wire/change.ts';
import { createPerson } from './people.ts';

/** One table and what happens to it. */
export interface Exhibit {
  /** Its table's name. */
  name: string;
  key: string;
  /** A change of it each so many ms. */
  intervalMs: number;
  /** The first rows. */
  rows(random: Random, now: number): Row[];
  /** What happens next; `at` gives a row at random, `n` counts from 1. */
  step(at: () => Row | undefined, random: Random, now: number, n: number): Change[];
}

const LEVELS = 12; // of each side of the book
const TICK = 0.05;
const MID_PRICE = 184.2;
const PLAYERS = 40;
const VEHICLES = 24;
const LOG_LINES = 200;
const SENSORS = 10_000;
/** Of so many, at once. */
const SENSORS_A_STEP = 20;

const CITIES = ['Beijing', 'Berlin', 'Lagos', 'Lima', 'London', 'Osaka', 'Paris', 'Shanghai'];
const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE'];
const PATHS = ['/', '/cart', '/checkout', '/items/42', '/login', '/search?q=tea', '/static/app.js'];
const STATUSES = [200, 200, 200, 200, 201, 204, 304, 404, 500];

const BOOK: Exhibit = {
  name: 'demo-book',
  key: 'price',
  intervalMs: 120,
  rows: (random) =>
    Array.from({ length: 2 * LEVELS }, (_, index) => ({
      price: rounded(MID_PRICE + (LEVELS - index - (index < LEVELS ? 0 : 1)) * TICK, 2),
      side: index < LEVELS ? 'ask' : 'bid',
      size: between(random, 5, 400),
      orders: between(random, 1, 30),
    })),
  step: (at, random) =>
    update(at(), ({ price }) => ({
      price: price ?? 0,
      size: between(random, 5, 400),
      orders: between(random, 1, 30),
    })),
};

const LEADERBOARD: Exhibit = {
  name: 'demo-players',
  key: 'id',
  intervalMs: 300,
  rows: (random) =>
    Array.from({ length: PLAYERS }, (_, index) => {
      const { name = '', city = '' } = createPerson(index + 1, random);
      const level = between(random, 1, 9);
      return { id: index + 1, name, city, score: between(random, 1_000, 9_000), level };
    }),
  step: (at, random) =>
    update(at(), ({ id = 0, score }) => ({ id, score: Number(score) + between(random, 10, 400) })),
};

const FLEET: Exhibit = {
  name: 'demo-fleet',
  key: 'vehicle',
  intervalMs: 400,
  rows: (random, now) =>
    Array.from({ length: VEHICLES }, (_, index) => ({
      vehicle: `VAN-${String(index + 1).padStart(3, '0')}`,
      city: pick(random, CITIES),
      status: pick(random, ['driving', 'driving', 'idle', 'charging']),
      speed: between(random, 0, 90),
      battery: between(random, 15, 100),
      seen: new Date(now - between(random, 0, 90_000)).toISOString(),
    })),
  step: (at, random, now) =>
    update(at(), ({ vehicle = '', status, battery }) => {
      const left = Number(battery);
      const next =
        left < 12
          ? 'charging'
          : random() < 0.1
            ? pick(random, ['driving', 'idle', 'error'])
            : status;
      const isCharging = next === 'charging' && left < 98;
      return {
        vehicle,
        status: next === 'charging' && !isCharging ? 'driving' : (next ?? 'idle'),
        speed: next === 'driving' ? between(random, 20, 90) : 0,
        battery: Math.max(3, Math.min(100, left + (isCharging ? 4 : next === 'driving' ? -2 : 0))),
        seen: new Date(now).toISOString(),
      };
    }),
};

const REQUESTS: Exhibit = {
  name: 'demo-requests',
  key: 'line',
  intervalMs: 700,
  rows: (random, now) =>
    Array.from({ length: 12 }, (_, index) => request(index - 11, random, now - (11 - index) * 700)),
  step: (_at, random, now, n) => {
    const changes: Change[] = [{ type: 'add', data: request(n, random, now) }];
    if (n > LOG_LINES) changes.push({ type: 'delete', data: { line: n - LOG_LINES } });
    return changes;
  },
};

const SENSOR_ROOM: Exhibit = {
  name: 'demo-sensors',
  key: 'sensor',
  intervalMs: 100,
  rows: (random, now) =>
    Array.from({ length: SENSORS }, (_, index) => ({
      sensor: index + 1,
      site: pick(random, CITIES),
      celsius: rounded(15 + random() * 12, 1),
      humidity: between(random, 25, 75),
      at: new Date(now).toISOString(),
    })),
  step: (at, random, now) =>
    Array.from({ length: SENSORS_A_STEP }, at).flatMap((row) =>
      update(row, ({ sensor = 0, celsius }) => ({
        sensor,
        celsius: rounded(Number(celsius) + (random() - 0.5), 1),
        humidity: between(random, 25, 75),
        at: new Date(now).toISOString(),
      })),
    ),
};

/** All tables of the gallery. */
export const EXHIBITS: readonly Exhibit[] = [BOOK, LEADERBOARD, FLEET, REQUESTS, SENSOR_ROOM];

function request(line: number, random: Random, now: number): Row {
  const status = pick(random, STATUSES);
  return {
    line,
    time: new Date(now).toISOString(),
    method: pick(random, METHODS),
    path: pick(random, PATHS),
    status,
    ms: status === 500 ? between(random, 800, 3_000) : between(random, 2, 240),
    bytes: between(random, 180, 64_000),
  };
}

function update(row: Row | undefined, change: (row: Row) => Row): Change[] {
  return row === undefined ? [] : [{ type: 'update', data: change(row) }];
}

function between(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

function pick<T>(random: Random, values: readonly [T, ...T[]] | readonly T[]): T {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) throw new RangeError('nothing to pick from');
  return value;
}
