/**
 * Prints every row of a table, whatever part of it is drawn, up to a limit: for the time of printing
 * there is a plain table, whose head is on every page, and a line that says as of when it is.
 *
 * @see FRONTEND 3, 4 "print all (bounded) with an as of stamp"
 */
import { css } from 'lit';
import type { Row } from '../../server/wire/change.ts';
import { fill } from '../wording/text.ts';
import { adoptStyle } from './adopt-style.ts';
import { featureTexts } from './feature-text.ts';
import type { FeatureHost, TableFeature } from './table-feature.ts';

/** Rows printed at most: 200 pages or so. */
const MAX_PRINTED_ROWS = 10_000;

const TEXTS = {
  asOf: ['{count} rows as of {time}', '{count} 行，截至 {time}'],
  firstAsOf: [
    'The first {count} of {total} rows as of {time}',
    '{total} 行中的前 {count} 行，截至 {time}',
  ],
} as const;

const printStyle = css`
  .print {
    display: none;
  }
  @media print {
    :host {
      background: none;
      border: 0;
      display: block;
      max-height: none;
      overflow: visible;
    }
    .toolbar,
    .banner,
    .scroller {
      display: none;
    }
    .print {
      border-collapse: collapse;
      display: table;
      font-size: 9pt;
      inline-size: 100%;
    }
    .print caption {
      padding-block-end: 0.5rem;
      text-align: start;
    }
    .print th,
    .print td {
      border-block-end: 1px solid #ccc;
      break-inside: avoid;
      padding: 0.1875rem 0.375rem;
      text-align: start;
    }
    .print .end {
      text-align: end;
    }
  }
`;

/** Follows the printing of the page. */
export function start({ element, view }: FeatureHost): TableFeature {
  let table: HTMLTableElement | undefined;

  function remove(): void {
    table?.remove();
    table = undefined;
  }

  function add(): void {
    remove();
    const { list, layout, wording, rows } = view;
    const texts = featureTexts(TEXTS, wording);
    const { columns } = layout;
    const count = Math.min(list.size, MAX_PRINTED_ROWS);
    table = document.createElement('table');
    table.className = 'print';
    const stamp = fill(count < list.size ? texts.firstAsOf : texts.asOf, {
      count: wording.count(count),
      total: wording.count(list.size),
      time: new Intl.DateTimeFormat(wording.usable, {
        dateStyle: 'long',
        timeStyle: 'long',
      }).format(element.feed?.lastEventAt || Date.now()),
    });
    table.createCaption().textContent = `${element.label || rows.table}: ${stamp}`;
    const head = table.createTHead().insertRow();
    for (const { label, align } of columns) head.append(cell('th', label, align));
    const body = table.createTBody();
    for (let index = 0; index < count; index++) {
      const row: Row | undefined = list.at(index)?.row;
      if (row === undefined) continue;
      const line = document.createElement('tr');
      for (const { field, format, align } of columns) {
        line.append(cell('td', format(row[field] ?? null, row), align));
      }
      body.append(line);
    }
    element.shadowRoot?.append(table);
  }

  const abort = new AbortController();
  const { signal } = abort;
  addEventListener('beforeprint', add, { signal });
  addEventListener('afterprint', remove, { signal });
  const undo = adoptStyle(element, printStyle.styleSheet);
  return {
    close() {
      abort.abort();
      undo();
      remove();
    },
  };
}

function cell(name: 'th' | 'td', text: string, align: string): HTMLElement {
  const made = document.createElement(name);
  made.className = align;
  made.textContent = text;
  return made;
}
