/**
 * Which columns a table shows, and how: from the stream's types, or as the page declares them.
 *
 * @see FRONTEND 4 "Columns"
 */
import type { Json, Row } from '../../server/wire/change.ts';
import type { Column } from '../../server/wire/event.ts';
import { createFormat, type Format, type FormatName } from '../wording/format.ts';
import type { Texts } from '../wording/text.ts';

export type Align = 'start' | 'end' | 'center';

/** A column as a page declares it; only `field` is needed. */
export interface ColumnOptions {
  /** The name of the column in the rows. */
  field: string;
  /** The heading; by default made from `field`. */
  label?: string | undefined;
  /** How values are shown; by default by their type. A function gets the value and its row. */
  format?: FormatName | Format | undefined;
  /** Digits after the point. */
  digits?: number | undefined;
  /** ISO 4217, for format `currency`. */
  currency?: string | undefined;
  /** The value of a full bar, for format `bar`; 100 by default. */
  max?: number | undefined;
  align?: Align | undefined;
  /** Shows the value as a coloured badge. */
  badge?: boolean | undefined;
  /** Whether a change of value is marked for a moment; true by default. */
  flash?: boolean | undefined;
  /** Whether the heading sorts; true by default. */
  sortable?: boolean | undefined;
  /** Whether its cells can be edited, in a table that is `editable`; true by default. */
  editable?: boolean | undefined;
  /** The least width in px; by default from what the column holds. */
  width?: number | undefined;
}

/** What a cell is made of. */
export type Look = 'text' | 'badge' | 'bar' | 'spark' | 'link';

/** A column ready to be painted. */
export interface ViewColumn {
  readonly field: string;
  readonly label: string;
  readonly format: Format;
  readonly look: Look;
  readonly align: Align;
  readonly flash: boolean;
  readonly sortable: boolean;
  readonly editable: boolean;
  /** The value of a full bar. */
  readonly max: number;
  readonly width: number | undefined;
  /** What a feature does to the element that carries the look. */
  readonly dress?: (inner: HTMLElement, value: Json) => void;
  /** The page's own function: it may look at other columns than its own. */
  readonly dependsOnRow: boolean;
  /** Undefined for the page's own function. */
  readonly formatName: FormatName | undefined;
  readonly digits: number | undefined;
}

/** Columns whose words are states: shown as badges unless the page says otherwise. */
const BADGE_FIELDS = /^(status|state|level|severity|priority|health)$/i;

/** Numbers that name something are not quantities: no grouping, so 2026 is not 2,026. */
const NAMING_FIELDS = /(^|_)(id|key|year|port|zip|code|line|pid|version)$/i;

/** Short words that are abbreviations in a heading. */
const ABBREVIATIONS = /^(id|ip|url|uri|cpu|api|sku|pid|ok)$/i;

/** The columns to show: those declared, else all of the stream's. */
export function resolveColumns(
  declared: readonly ColumnOptions[] | undefined,
  streamed: readonly Column[],
  key: string,
  context: { locale: string; texts: Texts },
): ViewColumn[] {
  const typeOf = new Map(streamed.map((column) => [column.name, column.type]));
  const chosen = declared ?? streamed.map((column): ColumnOptions => ({ field: column.name }));
  return chosen.map((options) => {
    const { field } = options;
    const type = typeOf.get(field);
    const isNaming = field === key || NAMING_FIELDS.test(field);
    const isBadge = options.badge ?? (type === 'string' && BADGE_FIELDS.test(field));
    const name = options.format ?? (type === 'number' && !isNaming ? 'number' : 'text');
    const isNumeric = typeof name === 'string' && NUMERIC_FORMATS.has(name);
    return {
      field,
      label: options.label ?? headingOf(field),
      format:
        typeof name === 'function'
          ? name
          : createFormat(name, {
              ...context,
              // Null where an attribute was taken away.
              digits: options.digits ?? undefined,
              currency: options.currency ?? undefined,
            }),
      look: lookOf(name, isBadge && options.format === undefined),
      align: options.align ?? (isNumeric ? 'end' : 'start'),
      flash: options.flash ?? true,
      sortable: options.sortable ?? true,
      // A row that got another key would be another row.
      editable: field !== key && (options.editable ?? true),
      max: options.max ?? 100,
      width: options.width ?? undefined,
      dependsOnRow: typeof name === 'function',
      formatName: typeof name === 'string' ? name : undefined,
      digits: options.digits ?? undefined,
    };
  });
}

const NUMERIC_FORMATS: ReadonlySet<string> = new Set([
  'number',
  'currency',
  'percent',
  'bytes',
  'spark',
]);

function lookOf(name: FormatName | Format, isBadge: boolean): Look {
  if (isBadge || name === 'badge') return 'badge';
  return name === 'bar' || name === 'spark' || name === 'link' ? name : 'text';
}

/** A heading made from a column's name: `created_at` is "Created at", `userId` is "User ID". */
export function headingOf(field: string): string {
  const words = field
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .split(/[\s_-]+/)
    .filter((word) => word !== '')
    .map((word) => (ABBREVIATIONS.test(word) ? word.toUpperCase() : word.toLowerCase()));
  const text = words.join(' ');
  return text === '' ? field : text[0]?.toUpperCase() + text.slice(1);
}

/** Width of one character and the room around a cell's text, in px, at the default font. */
const CHARACTER_WIDTH = 8;
const CELL_ROOM = 34;

const LEAST_WIDTH = 72;
const GREATEST_WIDTH = 320;

/** Rows looked at for widths: enough to be typical, few enough to be free. */
const SAMPLE_ROWS = 60;

/**
 * Least widths in px from the headings and some rows, without measuring the DOM. Columns share what is
 * left over in proportion to them.
 */
export function columnWidths(columns: readonly ViewColumn[], rows: Iterable<Row>): number[] {
  const lengths = columns.map((column) => textWidth(column.label) + 1);
  let seen = 0;
  for (const row of rows) {
    if (seen++ === SAMPLE_ROWS) break;
    for (const [index, column] of columns.entries()) {
      const shown = column.format(row[column.field] ?? null, row);
      const length = textWidth(shown) + (column.look === 'badge' ? 2 : 0);
      lengths[index] = Math.max(lengths[index] ?? 0, length);
    }
  }
  return columns.map((column, index) => {
    const width = (lengths[index] ?? 0) * CHARACTER_WIDTH + CELL_ROOM;
    return column.width ?? Math.round(Math.min(Math.max(width, LEAST_WIDTH), GREATEST_WIDTH));
  });
}

/** Characters, the wide ones of East Asia counted twice. */
function textWidth(text: string): number {
  let width = 0;
  for (let index = 0; index < text.length; index++)
    width += text.charCodeAt(index) > 0x2e7f ? 2 : 1;
  return width;
}

export type Tone = 'good' | 'busy' | 'bad' | 'plain';

/** Words of state and what they mean to a reader, in the two languages built in. */
const TONES: readonly [Tone, RegExp][] = [
  ['bad', /^(err|fatal|crit|fail|down|offline|blocked|reject|cancel|expired|错误|失败|离线|异常)/i],
  [
    'busy',
    /^(warn|pend|wait|queued|inactive|idle|paused|processing|running|degraded|警告|等待|暂停)/i,
  ],
  [
    'good',
    /^(ok|active|online|up|live|success|complete|done|paid|healthy|ready|成功|正常|在线|完成)/i,
  ],
];

/** The tone of a badge. */
export function toneOf(value: Json): Tone {
  const word = String(value);
  return TONES.find(([, words]) => words.test(word))?.[0] ?? 'plain';
}
