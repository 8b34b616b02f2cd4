/**
 * The words of the gallery, in English and Chinese.
 *
 * @see FRONTEND 6
 */
import type { Language } from '../page/preferences.ts';

const ENGLISH = {
  skip: 'Skip to the examples',
  gallery: 'Gallery',
  tagline: 'Gallery: live examples, each beside its markup',
  language: 'Language',
  dark: 'Dark theme',
  contents: 'Examples',
  markup: 'Markup',
  copy: 'Copy',
  copied: 'Copied',
  noDemo:
    'This server runs without the demo, so there is nothing to show live. Start it with --demo, or without a source.',
  away: 'The server does not answer. The examples come to life again when it does.',
  book: 'Order book',
  bookText: 'Columns declared in the markup, a price format, bars, and a draw in every frame.',
  leaderboard: 'Leaderboard',
  leaderboardText: 'The server keeps the top ten: no other row reaches this page.',
  fleet: 'Fleet status',
  fleetText: 'Search and filters while it streams. With “remote” the server does the filtering.',
  log: 'Request log',
  logText: 'A table and its companions, all of them over one connection.',
  large: '10,000 rows',
  largeText:
    'Two hundred changes a second. Only the rows in sight are in the page; all of them sort and search.',
  states: 'States',
  statesText: 'Paused: changes wait and are counted. An address that is wrong says why.',
  look: 'Your own look',
  lookText:
    'Custom properties and parts in your style sheet; a dark table on a light page; Chinese in an English one; right to left.',
  code: 'From code',
  codeText: 'Without the element: a client for any framework. Each of these is a page that runs.',
  codeClient: 'connect(), without a framework',
};

/** The names of the gallery's texts. */
export type GalleryTexts = { [Name in keyof typeof ENGLISH]: string };

const CHINESE: GalleryTexts = {
  skip: '跳到示例',
  gallery: '示例',
  tagline: '示例：实时运行，旁边就是代码',
  language: '语言',
  dark: '深色主题',
  contents: '示例',
  markup: '代码',
  copy: '复制',
  copied: '已复制',
  noDemo: '服务器没有运行演示，因此这里没有实时数据。请加上 --demo 启动，或不带数据源启动。',
  away: '服务器没有响应。恢复后示例会自动继续。',
  book: '订单簿',
  bookText: '在标记中声明列，价格格式、条形，每一帧都绘制。',
  leaderboard: '排行榜',
  leaderboardText: '由服务器维护前十名，其他行不会传到本页。',
  fleet: '车队状态',
  fleetText: '数据流动时也可搜索和筛选；加上 remote 则由服务器筛选。',
  log: '请求日志',
  logText: '表格和它的伙伴元素，全部共用一个连接。',
  large: '一万行',
  largeText: '每秒两百次变化。页面中只有可见的行，但全部都能排序和搜索。',
  states: '状态',
  statesText: '暂停时，变化会等待并计数；地址有误时会说明原因。',
  look: '自定义外观',
  lookText: '用样式表中的自定义属性和 part；浅色页面中的深色表格；英文页面中的中文；从右到左。',
  code: '用代码',
  codeText: '不用元素：适用于任何框架的客户端。下面每个页面都可以运行。',
  codeClient: 'connect()，不用框架',
};

/** The texts of a language. */
export function galleryTexts(language: Language): GalleryTexts {
  return language === 'zh' ? CHINESE : ENGLISH;
}
