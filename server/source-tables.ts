/**
 * Which source fills which table.
 *
 * @see SPEC 2 "--table name"
 */
import { SseTableError } from './base/errors.ts';
import { tableName } from './source/open.ts';

/**
 * Pairs each source with its table: `--table` names one for all, or one for each in order; else the
 * source's own name is it.
 * @throws {SseTableError} `bad_option`: the numbers do not match, or standard input is named twice.
 */
export function tablesOf(
  sources: readonly string[],
  names: readonly string[],
): { argument: string; table: string }[] {
  if (sources.indexOf('-') !== sources.lastIndexOf('-')) {
    throw new SseTableError('bad_option', 'standard input can be read once; give "-" once');
  }
  if (names.length > 1 && names.length !== sources.length) {
    throw new SseTableError(
      'bad_option',
      `--table ${names.join()} names ${names.length} tables for ${sources.length} sources; ` +
        'name one for each, in order, or one for all',
    );
  }
  return sources.map((argument, index) => {
    const name = names[index] ?? names[0];
    return { argument, table: tableName(argument, name === undefined ? [] : [name]) };
  });
}
