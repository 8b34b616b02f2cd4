/** Runs a source and keeps what it says, for the tests of sources. */
import type { Source, SourceReport, TableSpec } from '../../server/source/source.ts';
import type { Row } from '../../server/wire/change.ts';

export interface SourceRun {
  readonly rows: Row[];
  readonly batchSizes: number[];
  readonly specs: TableSpec[];
  readonly reports: string[];
  readonly controller: AbortController;
  /** Settles when the source has ended; with the message of what it threw. */
  readonly ended: Promise<string | undefined>;
}

export function runSource(source: Source): SourceRun {
  const rows: Row[] = [];
  const batchSizes: number[] = [];
  const specs: TableSpec[] = [];
  const reports: string[] = [];
  const controller = new AbortController();
  const report = ({ level, message }: SourceReport): void => {
    reports.push(`${level}: ${message}`);
  };
  async function consume(): Promise<string | undefined> {
    const context = { signal: controller.signal, report, drop: () => undefined };
    try {
      for await (const batch of source.run(context, (spec) => specs.push(spec))) {
        batchSizes.push(batch.changes.length);
        for (const change of batch.changes) rows.push(change.data);
      }
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
  return { rows, batchSizes, specs, reports, controller, ended: consume() };
}
