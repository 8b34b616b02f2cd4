/**
 * One edit on its way: sent, then seen on the stream or taken back. What it shows lies over its cell.
 *
 * @see FRONTEND 4 "Editing", SPEC 3.1 "If-Match honoured"
 */
import type { Json } from '../../server/wire/change.ts';
import type { HeldRow } from '../feed/rows.ts';
import type { ViewColumn } from '../grid/columns.ts';
import { fill } from '../wording/text.ts';
import type { EditTexts } from './edit-text.ts';
import { isAtOrAfter, RowHasChanged, type RowWrite, writeOverHttp } from './row-writer.ts';
import type { EditDetail, FeatureHost } from './table-feature.ts';

/** An edit that was taken is to be seen on the stream within this, in ms. */
const ECHO_MS = 10_000;

/** A refusal is shown this long, in ms: enough to be read. */
const REFUSAL_MS = 15_000;

/** Other columns of the row change so fast that it is not tried more often. */
const MAX_TRIES = 5;

/** What an edit needs of the feature. */
export interface PendingEditOptions {
  texts: EditTexts;
  /** Nothing more is to be shown of it. */
  onDone(): void;
}

/** An edit. `column` and `value` are undefined where the row is to be deleted. */
export class PendingEdit {
  readonly element = document.createElement('div');
  readonly held: HeldRow;
  readonly column: ViewColumn | undefined;
  readonly #host: FeatureHost;
  readonly #value: Json | undefined;
  readonly #before: Json | undefined;
  readonly #texts: EditTexts;
  readonly #onDone: () => void;
  #phase: EditDetail['phase'] = 'pending';
  /** The id of the event that brings the change, once known. */
  #version: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unwatch: (() => void) | undefined;

  constructor(
    host: FeatureHost,
    held: HeldRow,
    column: ViewColumn | undefined,
    value: Json | undefined,
    { texts, onDone }: PendingEditOptions,
  ) {
    this.#host = host;
    this.held = held;
    this.column = column;
    this.#value = value;
    this.#before = this.#now;
    this.#texts = texts;
    this.#onDone = onDone;
    this.element.className = `pending ${column?.align ?? 'delete'}`;
    this.element.setAttribute('part', 'pending');
    this.element.setAttribute('aria-hidden', 'true'); // it is announced
    if (column !== undefined) this.element.textContent = column.format(value ?? null, held.row);
    // Before it is sent: the echo may be here before the answer.
    this.#unwatch = host.element.feed?.on('event', () => this.#look());
    this.#tell(texts.saving);
    this.#send(1).then(
      () => this.#onTaken(),
      (error: unknown) => this.#refuse(error instanceof Error ? error.message : String(error)),
    );
  }

  /** Seen on the stream: nothing is left to be shown. */
  get isConfirmed(): boolean {
    return this.#phase === 'confirmed';
  }

  get isRefused(): boolean {
    return this.#phase === 'rejected';
  }

  close(): void {
    this.#unwatch?.();
    clearTimeout(this.#timer);
    this.element.remove();
  }

  /** What the cell holds by now. */
  get #now(): Json | undefined {
    return this.column && (this.held.row[this.column.field] ?? null);
  }

  async #send(tries: number): Promise<void> {
    const { element, view } = this.#host;
    const key = this.held.row[view.rows.key];
    const data = this.column === undefined ? {} : { [this.column.field]: this.#value ?? null };
    const write: RowWrite = {
      type: this.column === undefined ? 'delete' : 'update',
      key: typeof key === 'number' ? key : this.held.key,
      data,
    };
    if (element.write) {
      await element.write(write);
      return;
    }
    if (element.feed === undefined) throw new Error('no stream');
    try {
      this.#version = await writeOverHttp(element.feed, write, element.credentials);
    } catch (error) {
      const isOther =
        tries === MAX_TRIES || JSON.stringify(this.#now) !== JSON.stringify(this.#before);
      if (!(error instanceof RowHasChanged)) throw error;
      if (isOther) throw new Error(this.#changedText(), { cause: error });
      // Another column of the row has changed: no reason to bother the writer.
      await this.#nextEvent();
      await this.#send(tries + 1);
    }
  }

  /** Resolves with the next event that is merged, or after a second. */
  #nextEvent(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        off?.();
        resolve();
      };
      const timer = setTimeout(done, 1_000);
      const off = this.#host.element.feed?.on('event', done);
    });
  }

  #onTaken(): void {
    if (this.#phase !== 'pending') return;
    this.#timer = setTimeout(() => this.#refuse(this.#texts.noEcho), ECHO_MS);
    this.#look();
  }

  /** Looks whether the stream has told of it. */
  #look(): void {
    if (this.#phase !== 'pending') return;
    const isGone = this.held.index < 0;
    if (this.column === undefined) {
      if (isGone) this.#confirm();
    } else if (isGone) this.#refuse(this.#texts.deletedMeanwhile);
    else if (JSON.stringify(this.#now) === JSON.stringify(this.#value)) this.#confirm();
    else if (this.#version !== undefined) {
      // The stream is past it and says otherwise: someone was faster, or the source keeps it otherwise.
      if (isAtOrAfter(this.#host.element.feed?.lastEventId, this.#version)) {
        this.#refuse(this.#changedText());
      }
    }
  }

  #changedText(): string {
    const value = this.column?.format(this.#now ?? null, this.held.row) ?? '';
    return fill(this.#texts.changed, { value });
  }

  #confirm(): void {
    this.#phase = 'confirmed';
    clearTimeout(this.#timer);
    this.#tell(this.#texts.saved);
    // The mark goes when the cell itself shows it.
    this.#host.view.schedule.requestNow();
  }

  #refuse(reason: string): void {
    if (this.#phase !== 'pending') return;
    this.#phase = 'rejected';
    clearTimeout(this.#timer);
    const text = fill(this.#texts.refused, { reason });
    this.#tell(text, reason);
    const note = document.createElement('div');
    const button = document.createElement('button');
    note.className = 'note';
    button.type = 'button';
    button.textContent = this.#texts.dismiss;
    button.addEventListener('click', () => this.#onDone());
    note.append(text, button);
    this.element.className = 'refused';
    this.element.setAttribute('part', 'refused');
    this.element.setAttribute('role', 'row');
    this.element.removeAttribute('aria-hidden');
    note.setAttribute('role', 'gridcell');
    this.element.replaceChildren(note);
    this.#timer = setTimeout(() => this.#onDone(), REFUSAL_MS);
  }

  #tell(text: string, reason?: string): void {
    this.#host.announce(text);
    this.#host.onEdit({
      key: this.held.key,
      field: this.column?.field,
      value: this.#value,
      phase: this.#phase,
      reason,
    });
  }
}
