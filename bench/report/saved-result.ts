/**
 * Results as files: one of JSON for each scenario, which everything else is written from.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '../result.ts';
import type { Machine } from './machine.ts';

/** A result, and what it was measured with. */
export interface SavedResult extends Result {
  scenario: string;
  title: string;
  method: string;
  /** When it was measured, ISO 8601. */
  date: string;
  rounds: number;
  quick: boolean;
  machine: Machine;
  /** Versions and absences of peers. */
  peers: { present: string[]; absent: string[] };
}

export function saveResult(folder: string, result: SavedResult): void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${result.scenario}.json`);
  writeFileSync(path, `${JSON.stringify(result, undefined, 2)}\n`);
}

/** The results in `folder` of those scenarios that have one, in their order. */
export function loadResults(folder: string, scenarios: readonly string[]): SavedResult[] {
  return scenarios
    .map((name) => join(folder, `${name}.json`))
    .filter(existsSync)
    .map((path): SavedResult => JSON.parse(readFileSync(path, 'utf8')));
}
