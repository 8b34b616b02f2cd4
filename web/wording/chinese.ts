/**
 * The words on the page, in Chinese: fetched where a page speaks it.
 *
 * @see FRONTEND 4 "Theming"
 */
import type { Texts } from './text.ts';

export const CHINESE: Texts = {
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
