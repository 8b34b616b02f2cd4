/**
 * The words of the dashboard, in English and Chinese. `{name}` marks what is filled in.
 *
 * @see FRONTEND 5, SPEC 10 "Dashboard"
 */

const ENGLISH = {
  skip: 'Skip to the table',
  tagline: 'Live rows over Server-Sent Events',
  language: 'Language',
  dark: 'Dark theme',
  tryAgain: 'Try again',
  dismiss: 'Dismiss',
  loading: 'Loading…',
  noTables: 'No table yet',
  noTablesMessage: 'Rows show up here as soon as the server gets some. For example:',
  unreachable: 'The server does not answer',
  unreachableMessage: 'Is it still running? This page tries again by itself.',
  unknownTable: 'There is no table “{table}”; showing “{other}”.',
  table: 'Table',
  demo: 'Demo generator',
  idle: 'Adds, updates and deletes rows of the table, as a busy system would.',
  starting: 'Starting…',
  running: 'Running. The rows change by themselves.',
  stopping: 'Stopping…',
  stopped: 'Stopped. The rows stay as they are.',
  expired: 'Its time is up. The rows stay as they are.',
  gone: 'The session is over. The table is still live.',
  start: 'Start demo',
  startAgain: 'Start again',
  stop: 'Stop demo',
  sessionId: 'Session',
  generated: 'Generated',
  expires: 'Expires in',
  pace: 'Pace',
  paceCalm: 'Calm · every 2 s',
  paceBrisk: 'Brisk · 2 a second',
  paceFast: 'Fast · 20 a second',
  export: 'Export',
  exportCsv: 'Export CSV',
  exportNdjson: 'Export NDJSON',
  log: 'Log',
  embed: 'Put this table on your page',
  copy: 'Copy',
  copied: 'Copied',
  name: 'Name',
  age: 'Age',
  city: 'City',
  score: 'Score',
  status: 'Status',
  averaged: 'score',
};

/** The names of the dashboard's texts. */
export type DashboardTexts = { [Name in keyof typeof ENGLISH]: string };

const CHINESE: DashboardTexts = {
  skip: '跳到表格',
  tagline: '基于 Server-Sent Events 的实时数据',
  language: '语言',
  dark: '深色主题',
  tryAgain: '重试',
  dismiss: '关闭',
  loading: '加载中…',
  noTables: '还没有表格',
  noTablesMessage: '服务器收到数据后会立即显示在这里。例如：',
  unreachable: '服务器没有响应',
  unreachableMessage: '服务器是否仍在运行？本页会自动重试。',
  unknownTable: '没有名为“{table}”的表格，改为显示“{other}”。',
  table: '表格',
  demo: '演示数据生成器',
  idle: '像繁忙的业务系统一样，不断添加、更新和删除表中的行。',
  starting: '正在启动…',
  running: '运行中，数据会自动变化。',
  stopping: '正在停止…',
  stopped: '已停止，数据保持不变。',
  expired: '会话已到期，数据保持不变。',
  gone: '会话已结束，表格仍然实时更新。',
  start: '开始演示',
  startAgain: '重新开始',
  stop: '停止演示',
  sessionId: '会话',
  generated: '已生成',
  expires: '剩余时间',
  pace: '速度',
  paceCalm: '慢 · 每 2 秒一次',
  paceBrisk: '中 · 每秒 2 次',
  paceFast: '快 · 每秒 20 次',
  export: '导出',
  exportCsv: '导出 CSV',
  exportNdjson: '导出 NDJSON',
  log: '日志',
  embed: '把这张表格放到你的页面',
  copy: '复制',
  copied: '已复制',
  name: '姓名',
  age: '年龄',
  city: '城市',
  score: '分数',
  status: '状态',
  averaged: '分数',
};

/** The languages of the switch. */
export type Language = 'en' | 'zh';

/** The texts of a language. */
export function dashboardTexts(language: Language): DashboardTexts {
  return language === 'zh' ? CHINESE : ENGLISH;
}
