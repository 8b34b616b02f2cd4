/**
 * The formats that few tables need: times that age, bytes, and numbers as a small area.
 *
 * @see FRONTEND 4 "Columns"
 */
import { css } from 'lit';
import type { Json } from '../../server/wire/change.ts';
import type { ViewColumn } from '../grid/columns.ts';
import { bytesFormat, latestFormat, relativeFormat } from '../wording/rare-formats.ts';
import type { Wording } from '../wording/wording.ts';
import { adoptStyle } from './adopt-style.ts';
import type { FeatureHost, TableFeature } from './table-feature.ts';

/** Room above and below the line, in % of the height. */
const ROOM = 5;

const sparkStyle = css`
  .cell.spark > span::before {
    background: color-mix(in srgb, var(--_accent) 30%, transparent);
    clip-path: var(--_spark);
    content: '';
    inset: 10% var(--_padding);
    position: absolute;
  }
`;

/** Shows the columns of such formats. */
export function start({ element, view }: FeatureHost): TableFeature {
  const undo = adoptStyle(element, sparkStyle.styleSheet);
  view.forgetColumns();
  return {
    arrange: (columns) => columns.map((column) => formatted(column, view.wording)),
    close() {
      undo();
      view.forgetColumns();
    },
  };
}

function formatted(column: ViewColumn, { usable }: Wording): ViewColumn {
  const { formatName, format: plain, digits } = column;
  if (formatName === 'relative') return { ...column, format: relativeFormat(usable, plain) };
  if (formatName === 'bytes') return { ...column, format: bytesFormat(usable, plain, digits) };
  if (formatName !== 'spark') return column;
  const dress = (inner: HTMLElement, value: Json) =>
    inner.style.setProperty('--_spark', sparkPath(value));
  return { ...column, format: latestFormat(usable, plain), dress };
}

/** The area under some numbers as a `clip-path`, from the least of them to the greatest. */
export function sparkPath(value: Json): string {
  const numbers = (Array.isArray(value) ? value : []).filter((item) => typeof item === 'number');
  const least = Math.min(...numbers);
  const range = Math.max(...numbers) - least || 1;
  const points = numbers.map((number, at) => {
    const top = 100 - ROOM - ((number - least) / range) * (100 - 2 * ROOM);
    return `${((at / (numbers.length - 1 || 1)) * 100).toFixed(1)}% ${top.toFixed(1)}%`;
  });
  return `polygon(${['0% 100%', ...points, '100% 100%'].join()})`;
}
