/**
 * The menu of columns: everything that can be done with one, for the keyboard, for touch and for screen
 * readers.
 *
 * @see FRONTEND 4 "Columns", "Keyboard and screen reader"
 */
import { html, type TemplateResult } from 'lit';
import type { ViewColumn } from '../grid/columns.ts';
import { fill } from '../wording/text.ts';
import { type ColumnArrangement, GREATEST_WIDTH, LEAST_WIDTH } from './column-arrangement.ts';

export const COLUMN_TEXTS = {
  columns: ['Columns', '列'],
  pin: ['Pin', '固定'],
  pinColumn: ['Pin {column}', '固定{column}'],
  earlier: ['Move {column} towards the start', '将{column}前移'],
  later: ['Move {column} towards the end', '将{column}后移'],
  width: ['Width of {column} in pixels', '{column}的宽度（像素）'],
  reset: ['Reset', '重置'],
} as const;

/** What the menu shows, and what its controls do. */
export interface ColumnMenuModel {
  texts: Readonly<Record<keyof typeof COLUMN_TEXTS, string>>;
  /** All columns in their order, hidden ones included. */
  columns: readonly ViewColumn[];
  arrangement: ColumnArrangement;
  /** The width a column has now, in px. */
  widthOf(field: string): number;
  /** Runs a change of the arrangement, and shows it. */
  change(change: (arrangement: ColumnArrangement) => void): void;
  /** Moves a column over a neighbour: -1 towards the start, 1 towards the end. */
  move(field: string, by: -1 | 1): void;
  onToggle(event: Event): void;
}

/** The button and the menu it opens. */
export function columnMenu(model: ColumnMenuModel): TemplateResult {
  const { texts, columns, change } = model;
  return html`<button type="button" part="button columns-button" popovertarget="columns"
      >${texts.columns}</button
    ><div
      id="columns"
      class="columns"
      part="columns"
      popover
      role="group"
      aria-label=${texts.columns}
      @beforetoggle=${model.onToggle}
    >
      <ul>
        ${columns.map((column, at) => item(column, at, model))}
      </ul>
      <button type="button" part="button" @click=${() => change((all) => all.reset())}
        >${texts.reset}</button
      >
    </div>`;
}

function item({ field, label }: ViewColumn, at: number, model: ColumnMenuModel): TemplateResult {
  const { texts, columns, arrangement, change, move } = model;
  const named = (text: string) => fill(text, { column: label });
  const isHidden = arrangement.isHidden(field);
  const isPinned = arrangement.isPinned(field);
  const isLastShown = !isHidden && columns.filter((c) => !arrangement.isHidden(c.field)).length < 2;
  const onWidth = ({ target }: Event) => {
    if (!(target instanceof HTMLInputElement)) return;
    change((all) => all.setWidth(field, target.value === '' ? undefined : target.valueAsNumber));
  };
  return html`<li>
    <label
      ><input
        type="checkbox"
        .checked=${!isHidden}
        ?disabled=${isLastShown}
        @change=${() => change((all) => all.setHidden(field, !isHidden))}
      >${label}</label
    >
    <button
      type="button"
      part="button"
      aria-pressed=${isPinned}
      aria-label=${named(texts.pinColumn)}
      @click=${() => change((all) => all.setPinned(field, !isPinned))}
      >${texts.pin}</button
    >
    <button
      type="button"
      part="button"
      ?disabled=${at === 0}
      aria-label=${named(texts.earlier)}
      @click=${() => move(field, -1)}
      >↑</button
    >
    <button
      type="button"
      part="button"
      ?disabled=${at === columns.length - 1}
      aria-label=${named(texts.later)}
      @click=${() => move(field, 1)}
      >↓</button
    >
    <input
      type="number"
      min=${LEAST_WIDTH}
      max=${GREATEST_WIDTH}
      step="8"
      aria-label=${named(texts.width)}
      .value=${String(Math.round(model.widthOf(field)))}
      @change=${onWidth}
    >
  </li>`;
}
