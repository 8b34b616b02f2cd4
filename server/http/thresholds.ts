/**
 * Thresholds: says once when a value passes its warning mark, and once when it is back to normal.
 *
 * @see SPEC 3.7 "Thresholds", 10 "Overload"
 */
import type { Log } from '../base/log.ts';

/** Below `normal` all is well; above `warn` the operator is told. */
export interface Marks {
  normal: number;
  warn: number;
}

export type Measured = 'connections' | 'memory' | 'cpu' | 'messages';

/** Where all is well again, of the warning mark: memory is at 70 % again after a warning at 85 %. */
const NORMAL_SHARES = {
  connections: 50 / 80,
  memory: 70 / 85,
  cpu: 60 / 80,
  messages: 1_000 / 2_000,
} as const;

export interface ThresholdsOptions {
  /** What `warnConnections` is a percentage of. */
  maxConnections: number;
  /** Per cent of `maxConnections`. */
  warnConnections: number;
  /** Per cent of the memory that there is. */
  warnMemory: number;
  /** Per cent of one core. */
  warnCpu: number;
  /** Changes a second. */
  warnMessages: number;
}

export type Level = 'normal' | 'raised' | 'warning';

export interface ThresholdState extends Marks {
  value: number;
  level: Level;
}

export class Thresholds {
  readonly #log: Log;
  readonly #states: Record<Measured, ThresholdState>;

  constructor(options: ThresholdsOptions, log: Log) {
    const { maxConnections, warnConnections, warnMemory, warnCpu, warnMessages } = options;
    this.#log = log;
    this.#states = {
      connections: stateOf('connections', (maxConnections * warnConnections) / 100),
      memory: stateOf('memory', warnMemory / 100),
      cpu: stateOf('cpu', warnCpu / 100),
      messages: stateOf('messages', warnMessages),
    };
  }

  /** Each value with its marks and where it stands. */
  get states(): Readonly<Record<Measured, Readonly<ThresholdState>>> {
    return this.#states;
  }

  /** Takes a new value; logs where it crosses a mark. */
  measure(name: Measured, value: number): void {
    const state = this.#states[name];
    const was = state.level;
    state.value = value;
    state.level = levelOf(state, was);
    if (state.level === was) return;
    if (state.level === 'warning') {
      this.#log.warn(`${name} passed the warning mark`, { value, warn: state.warn });
    } else if (state.level === 'normal' && was === 'warning') {
      this.#log.info(`${name} back to normal`, { value, normal: state.normal });
    }
  }
}

function stateOf(name: Measured, warn: number): ThresholdState {
  return { normal: warn * NORMAL_SHARES[name], warn, value: 0, level: 'normal' };
}

/** A warning lasts until the value is normal again, so that one near the mark is told once. */
function levelOf({ value, normal, warn }: ThresholdState, was: Level): Level {
  if (value > warn) return 'warning';
  if (value < normal) return 'normal';
  return was === 'warning' ? 'warning' : 'raised';
}
