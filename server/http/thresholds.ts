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

/** The marks of everything but connections, which scale with their limit. */
const MARKS = {
  memory: { normal: 0.7, warn: 0.85 }, // share of the limit
  cpu: { normal: 0.6, warn: 0.8 }, // share of one core
  messages: { normal: 1_000, warn: 2_000 }, // changes a second
} as const;

/** Of --max-connections: 5,000 and 8,000 of 10,000. */
const CONNECTION_SHARES = { normal: 0.5, warn: 0.8 } as const;

export type Level = 'normal' | 'raised' | 'warning';

export interface ThresholdState extends Marks {
  value: number;
  level: Level;
}

export class Thresholds {
  readonly #log: Log;
  readonly #states: Record<Measured, ThresholdState>;

  constructor(maxConnections: number, log: Log) {
    this.#log = log;
    const connections = {
      normal: maxConnections * CONNECTION_SHARES.normal,
      warn: maxConnections * CONNECTION_SHARES.warn,
    };
    this.#states = {
      connections: { ...connections, value: 0, level: 'normal' },
      memory: { ...MARKS.memory, value: 0, level: 'normal' },
      cpu: { ...MARKS.cpu, value: 0, level: 'normal' },
      messages: { ...MARKS.messages, value: 0, level: 'normal' },
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

/** A warning lasts until the value is normal again, so that one near the mark is told once. */
function levelOf({ value, normal, warn }: ThresholdState, was: Level): Level {
  if (value > warn) return 'warning';
  if (value < normal) return 'normal';
  return was === 'warning' ? 'warning' : 'raised';
}
