/**
 * The words on the page, in English. `{name}` marks what is filled in.
 *
 * @see FRONTEND 4 "Theming"
 */

export const ENGLISH = {
  connecting: 'Connecting',
  live: 'Live',
  paused: 'Paused',
  reconnecting: 'Reconnecting',
  stale: 'Stale',
  offline: 'Offline',
  ended: 'Ended',
  table: 'Live table',
  rows: '{count} rows',
  row: '1 row',
  loading: 'Loading {loaded} of {total} rows',
  empty: 'No rows yet',
  emptyHint: 'Rows appear here as soon as they arrive.',
  pause: 'Pause',
  resume: 'Resume',
  waiting: '{count} changes waiting',
  retry: 'Retry now',
  lost: 'Connection lost. The rows are as of {time}.',
  unreachable: 'The server cannot be reached.',
  offlineHint: 'This device is offline. The rows are as of {time}.',
  endedHint: 'The stream has ended.',
  staleHint: 'No news since {time}.',
  someRows: '{count} of {total} rows',
  search: 'Search',
  filter: 'Filter {column}',
  filterHint: 'Text, or >80, <=5, =Paris, !=x',
  noMatch: 'No matching rows',
  moved: '{count} moved',
  apply: 'Apply',
  yes: 'Yes',
  no: 'No',
};

/** The texts by their names. */
export type Texts = { [Name in keyof typeof ENGLISH]: string };

/** Fills `{name}` marks; one without a value stays. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (mark, name: string) => values[name] ?? mark);
}
