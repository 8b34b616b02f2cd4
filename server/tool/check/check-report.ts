/**
 * The findings for people and for programs, and the exit code.
 */
import { type Output, type Style, styled } from '../terminal.ts';
import type { Finding, Severity } from './finding.ts';

const LOOKS: Readonly<Record<Severity, { mark: string; style: Style }>> = {
  error: { mark: '✗', style: 'red' },
  warning: { mark: '!', style: 'yellow' },
  note: { mark: '·', style: 'cyan' },
  ok: { mark: '✓', style: 'green' },
};

/** Of the worst finding. */
const EXIT_CODES: Readonly<Record<Severity, number>> = { error: 1, warning: 3, note: 0, ok: 0 };

const BY_WEIGHT: readonly Severity[] = ['error', 'warning', 'note', 'ok'];

export function checkExitCode(findings: readonly Finding[]): number {
  const worst = BY_WEIGHT.find((severity) => findings.some((one) => one.severity === severity));
  return EXIT_CODES[worst ?? 'ok'];
}

export function checkReportText(url: string, findings: readonly Finding[], output: Output): string {
  const lines = findings.map(({ name, severity, evidence, fix }) => {
    const { mark, style } = LOOKS[severity];
    const advice = fix === undefined ? '' : `\n  ${' '.repeat(17)} → ${fix}`;
    return `  ${styled(output, style, `${mark} ${name.padEnd(15)}`)} ${evidence}${advice}\n`;
  });
  const count = (severity: Severity) => findings.filter((one) => one.severity === severity).length;
  const sums = `${count('error')} errors, ${count('warning')} warnings, ${count('note')} notes, ${count('ok')} as it should be`;
  return `${url}\n${lines.join('')}${sums}\n`;
}
