/**
 * All scenarios, in the order in which they are run and reported.
 */
import type { Scenario } from './scenario.ts';
import { fanOut } from './scenarios/fan-out.ts';
import { flood } from './scenarios/flood.ts';
import { growth } from './scenarios/growth.ts';
import { gzip } from './scenarios/gzip.ts';
import { http } from './scenarios/http.ts';
import { idle } from './scenarios/idle.ts';
import { publish } from './scenarios/publish.ts';
import { rate } from './scenarios/rate.ts';
import { slowReaders } from './scenarios/slow-readers.ts';
import { storm } from './scenarios/storm.ts';
import { table } from './scenarios/table.ts';
import { views } from './scenarios/views.ts';

export const SCENARIOS: readonly Scenario[] = [
  fanOut,
  flood,
  rate,
  idle,
  storm,
  slowReaders,
  gzip,
  views,
  growth,
  table,
  publish,
  http,
];
