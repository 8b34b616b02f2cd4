/**
 * A Finding: one thing that was looked at, what was seen, and what mends it.
 */

/** `error` breaks clients, `warning` breaks in the field, `note` is good to know, `ok` is as it should be. */
export type Severity = 'ok' | 'note' | 'warning' | 'error';

export interface Finding {
  /** What was looked at; one of a fixed list, for programs. */
  name: string;
  severity: Severity;
  /** What was seen. */
  evidence: string;
  /** What mends it; none for `ok`. */
  fix?: string;
}

export const ok = (name: string, evidence: string): Finding => ({ name, severity: 'ok', evidence });

export const note = (name: string, evidence: string, fix: string): Finding => ({
  name,
  severity: 'note',
  evidence,
  fix,
});

export const warning = (name: string, evidence: string, fix: string): Finding => ({
  name,
  severity: 'warning',
  evidence,
  fix,
});

export const error = (name: string, evidence: string, fix: string): Finding => ({
  name,
  severity: 'error',
  evidence,
  fix,
});
