/**
 * All scenarios, in the order in which they are run and reported.
 */
import type { Scenario } from './scenario.ts';
import { fanOut } from './scenarios/fan-out.ts';
import { flood } from './scenarios/flood.ts';

export const SCENARIOS: readonly Scenario[] = [fanOut, flood];
