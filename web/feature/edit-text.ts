/**
 * The words of editing.
 *
 * @see FRONTEND 4 "Theming"
 */
export const EDIT_TEXTS = {
  conflict: [
    'Now {value}. Enter writes over it, Escape keeps it.',
    '现为 {value}。按 Enter 覆盖，按 Esc 保留。',
  ],
  gone: ['This row was deleted. Escape closes.', '此行已被删除。按 Esc 关闭。'],
  invalid: ['Not a value of this column.', '不是此列的有效值。'],
  readOnly: ['{column} cannot be edited', '{column}不可编辑'],
  saving: ['Saving', '正在保存'],
  saved: ['Saved', '已保存'],
  refused: ['Not saved: {reason}', '未保存：{reason}'],
  changed: ['It changed meanwhile, to {value}', '其间已变为 {value}'],
  deletedMeanwhile: ['The row was deleted', '该行已被删除'],
  noEcho: ['The stream has not shown it yet', '数据流尚未显示该更改'],
  dismiss: ['Dismiss', '关闭'],
  deleteRow: ['Delete row {key}?', '删除第 {key} 行？'],
  deleteRows: ['Delete {count} rows?', '删除 {count} 行？'],
  delete: ['Delete', '删除'],
  cancel: ['Cancel', '取消'],
} as const;

/** The same in one language. */
export type EditTexts = Readonly<Record<keyof typeof EDIT_TEXTS, string>>;
