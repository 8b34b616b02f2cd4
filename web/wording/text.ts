/**
 * The words on the page, in English and Chinese. `{name}` marks what is filled in.
 *
 * @see FRONTEND 4 "Theming"
 */

/** By name: English, Chinese. */
const TEXTS = {
  connecting: ['Connecting', '连接中'],
  live: ['Live', '实时'],
  paused: ['Paused', '已暂停'],
  reconnecting: ['Reconnecting', '重新连接中'],
  stale: ['Stale', '数据陈旧'],
  offline: ['Offline', '离线'],
  ended: ['Ended', '已结束'],
  table: ['Live table', '实时表格'],
  rows: ['{count} rows', '{count} 行'],
  row: ['1 row', '1 行'],
  loading: ['Loading {loaded} of {total} rows', '正在加载 {loaded} / {total} 行'],
  empty: ['No rows yet', '暂无数据'],
  emptyHint: ['Rows appear here as soon as they arrive.', '数据到达后会立即显示在这里。'],
  pause: ['Pause', '暂停'],
  resume: ['Resume', '继续'],
  waiting: ['{count} changes waiting', '{count} 项更改待显示'],
  retry: ['Retry now', '立即重试'],
  lost: ['Connection lost. The rows are as of {time}.', '连接已断开，数据截至 {time}。'],
  unreachable: ['The server cannot be reached.', '无法连接服务器。'],
  offlineHint: [
    'This device is offline. The rows are as of {time}.',
    '此设备已离线，数据截至 {time}。',
  ],
  endedHint: ['The stream has ended.', '数据流已结束。'],
  staleHint: ['No news since {time}.', '自 {time} 以来没有新消息。'],
  someRows: ['{count} of {total} rows', '{count} / {total} 行'],
  search: ['Search', '搜索'],
  filter: ['Filter {column}', '筛选{column}'],
  filterHint: ['Text, or >80, <=5, =Paris, !=x', '文字，或 >80、<=5、=北京、!=x'],
  noMatch: ['No matching rows', '没有匹配的行'],
  moved: ['{count} moved', '{count} 行已变动'],
  apply: ['Apply', '应用'],
  yes: ['Yes', '是'],
  no: ['No', '否'],
} as const;

/** The texts by their names. */
export type Texts = { [Name in keyof typeof TEXTS]: string };

const ENGLISH = textsAt(0);
const CHINESE = textsAt(1);

/** The texts of a BCP 47 language: Chinese for `zh…`, else English. */
export function texts(lang: string): Texts {
  return /^zh\b/i.test(lang) ? CHINESE : ENGLISH;
}

function textsAt(language: 0 | 1): Texts {
  const entries = Object.entries(TEXTS).map(([name, versions]) => [name, versions[language]]);
  const made: Texts = Object.fromEntries(entries);
  return made;
}

/** Fills `{name}` marks; one without a value stays. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (mark, name: string) => values[name] ?? mark);
}
