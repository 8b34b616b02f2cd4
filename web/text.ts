/**
 * The words on the page, in English and Chinese. `{name}` marks what is filled in.
 *
 * @see FRONTEND 4 "Theming"
 */

const ENGLISH = {
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

/** The names of the texts. */
export type Texts = { [Name in keyof typeof ENGLISH]: string };

const CHINESE: Texts = {
  connecting: '连接中',
  live: '实时',
  paused: '已暂停',
  reconnecting: '重新连接中',
  stale: '数据陈旧',
  offline: '离线',
  ended: '已结束',
  table: '实时表格',
  rows: '{count} 行',
  row: '1 行',
  loading: '正在加载 {loaded} / {total} 行',
  empty: '暂无数据',
  emptyHint: '数据到达后会立即显示在这里。',
  pause: '暂停',
  resume: '继续',
  waiting: '{count} 项更改待显示',
  retry: '立即重试',
  lost: '连接已断开，数据截至 {time}。',
  unreachable: '无法连接服务器。',
  offlineHint: '此设备已离线，数据截至 {time}。',
  endedHint: '数据流已结束。',
  staleHint: '自 {time} 以来没有新消息。',
  someRows: '{count} / {total} 行',
  search: '搜索',
  filter: '筛选{column}',
  filterHint: '文字，或 >80、<=5、=北京、!=x',
  noMatch: '没有匹配的行',
  moved: '{count} 行已变动',
  apply: '应用',
  yes: '是',
  no: '否',
};

/** The texts of a BCP 47 language: Chinese for `zh…`, else English. */
export function texts(lang: string): Texts {
  return /^zh\b/i.test(lang) ? CHINESE : ENGLISH;
}

/** Fills `{name}` marks; one without a value stays. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (mark, name: string) => values[name] ?? mark);
}
