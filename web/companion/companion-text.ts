/**
 * The words of the companions, in English and Chinese. `{name}` marks what is filled in.
 *
 * @see FRONTEND 4 "Companions", "Theming"
 */
import { CHINESE as CHINESE_TEXTS } from '../wording/chinese.ts';
import { isChinese } from '../wording/language.ts';
import { ENGLISH as ENGLISH_TEXTS } from '../wording/text.ts';

const ENGLISH = {
  ...ENGLISH_TEXTS,
  fresh: 'updated just now',
  ago: 'updated {age} ago',
  nextTry: 'next try in {age}',
  records: 'Records',
  updates: 'Updates',
  perSecond: 'Updates/s',
  average: 'Average {column}',
  log: 'Log',
  newLines: '{count} new',
  add: 'Added {key}',
  update: 'Updated {key}',
  delete: 'Deleted {key}',
  batch: '{count} changes',
  init: 'Connected to {table}: {count} rows',
  resumed: 'Connected again, {count} changes missed',
  lost: 'Connection lost',
  messages: 'Messages',
  noMessages: 'No messages yet',
  newMessages: '{count} new',
  you: 'You',
  human: 'Person',
  bot: 'Bot',
  write: 'Write a message',
  send: 'Send',
  notSent: 'Not sent: {reason}',
  drop: 'Drop files here, or',
  choose: 'choose them',
  progressOf: 'Upload of {name}',
  queued: 'waiting',
  uploaded: 'uploaded',
  notUploaded: 'not uploaded',
  cancelled: 'cancelled',
  cancel: 'Cancel',
  again: 'Try again',
  download: 'Download',
};

/** The names of the companions' texts. */
export type CompanionTexts = { [Name in keyof typeof ENGLISH]: string };

const CHINESE: CompanionTexts = {
  ...CHINESE_TEXTS,
  fresh: '刚刚更新',
  ago: '{age}前更新',
  nextTry: '{age}后重试',
  records: '记录数',
  updates: '更新次数',
  perSecond: '每秒更新',
  average: '{column}平均值',
  log: '日志',
  newLines: '{count} 条新日志',
  add: '已添加 {key}',
  update: '已更新 {key}',
  delete: '已删除 {key}',
  batch: '{count} 项更改',
  init: '已连接到 {table}：{count} 行',
  resumed: '已重新连接，补上 {count} 项更改',
  lost: '连接已断开',
  messages: '消息',
  noMessages: '还没有消息',
  newMessages: '{count} 条新消息',
  you: '我',
  human: '用户',
  bot: '机器人',
  write: '输入消息',
  send: '发送',
  notSent: '发送失败：{reason}',
  drop: '将文件拖到此处，或',
  choose: '选择文件',
  progressOf: '{name} 的上传进度',
  queued: '等待中',
  uploaded: '已上传',
  notUploaded: '上传失败',
  cancelled: '已取消',
  cancel: '取消',
  again: '重试',
  download: '下载',
};

/** The texts of a BCP 47 language, the table's among them: Chinese for `zh…`, else English. */
export function companionTexts(lang: string): CompanionTexts {
  return isChinese(lang) ? CHINESE : ENGLISH;
}
