/**
 * The words of the companions, in English and Chinese. `{name}` marks what is filled in.
 *
 * @see FRONTEND 4 "Companions", "Theming"
 */
import { texts } from './text.ts';

const ENGLISH = {
  ago: 'updated {age} ago',
  inSeconds: 'next try in {age}',
  reconnect: 'Reconnect now',
  records: 'Records',
  updates: 'Updates',
  perSecond: 'Updates/s',
  average: 'Average {column}',
  log: 'Log',
  latest: 'Latest',
  newLines: '{count} new',
  added: 'Added {key}',
  updated: 'Updated {key}',
  deleted: 'Deleted {key}',
  batch: '{count} changes',
  snapshot: 'Connected to {table}: {count} rows',
  resumed: 'Connected again, {count} changes missed',
  lost: 'Connection lost',
  ended: 'Stream ended',
};

/** The names of the companions' texts. */
export type CompanionTexts = { [Name in keyof typeof ENGLISH]: string };

const CHINESE: CompanionTexts = {
  ago: '{age}前更新',
  inSeconds: '{age}后重试',
  reconnect: '立即重新连接',
  records: '记录数',
  updates: '更新次数',
  perSecond: '每秒更新',
  average: '{column} 平均值',
  log: '日志',
  latest: '最新',
  newLines: '{count} 条新日志',
  added: '已添加 {key}',
  updated: '已更新 {key}',
  deleted: '已删除 {key}',
  batch: '{count} 项更改',
  snapshot: '已连接到 {table}：{count} 行',
  resumed: '已重新连接，补上 {count} 项更改',
  lost: '连接已断开',
  ended: '数据流已结束',
};

/** The companions' texts of a BCP 47 language: Chinese where `texts` is, else English. */
export function companionTexts(lang: string): CompanionTexts {
  return texts(lang) === texts('zh') ? CHINESE : ENGLISH;
}
