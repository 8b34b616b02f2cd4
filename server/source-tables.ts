/**
 * Which source fills which table.
 *
 * @see SPEC 2 "--table name"
 */
import { SseTableError } from './base/errors.ts';
import { hasManyTables, hideSecret, kindOf } from './source/kind.ts';
import { tableName } from './source/open.ts';

/**
 * Pairs each source with its table: `--table` names one for all, or one for each in order; else the
 * source's own name is it. Of databases it chooses tables; without it all are served, and none is
 * named here.
 * @throws {SseTableError} `bad_option`: the numbers do not match, or standard input is named twice.
 */
export function tablesOf(
  sources: readonly string[],
  names: readonly string[],
): { argument: string; tables: string[] }[] {
  if (sources.indexOf('-') !== sources.lastIndexOf('-')) {
    throw new SseTableError('bad_option', 'standard input can be read once; give "-" once');
  }
  const databases = sources.filter((argument) => hasManyTables(kindOf(argument)));
  if (names.length > 0 && databases.length > 0) {
    if (databases.length === sources.length) {
      return sources.map((argument) => ({ argument, tables: [...names] }));
    }
    throw new SseTableError(
      'bad_option',
      `--table ${names.join()} would choose tables of ${hideSecret(databases[0] ?? '')} and name that of a file; ` +
        'leave it out, or serve them one by one',
    );
  }
  if (names.length > 1 && names.length !== sources.length) {
    throw new SseTableError(
      'bad_option',
      `--table ${names.join()} names ${names.length} tables for ${sources.length} sources; ` +
        'name one for each, in order, or one for all',
    );
  }
  return sources.map((argument, index) => {
    if (databases.includes(argument)) return { argument, tables: [] };
    const name = names[index] ?? names[0];
    return { argument, tables: [tableName(argument, name === undefined ? [] : [name])] };
  });
}
