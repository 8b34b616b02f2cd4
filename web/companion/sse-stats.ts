/**
 * `<sse-stats>`: cards with the record count, the updates received, the updates a second with a
 * sparkline, and the average of a column.
 *
 * Events are only counted; drawing and averaging happen a few times a second at most, so that 20,000
 * changes a second on 100,000 rows cost the page nothing noticeable.
 *
 * @see FRONTEND 4 "Companions"
 */
import { css, html, LitElement, type TemplateResult } from 'lit';
import type { StreamEvent } from '../../server/wire/event.ts';
import { companionStyle } from '../element/companion-style.ts';
import type { Rows } from '../feed/rows.ts';
import { fill } from '../wording/text.ts';
import { companionTexts } from './companion-text.ts';
import { FeedLink, feedLinkProperties } from './feed-link.ts';
import { UpdateRate } from './update-rate.ts';

/** Figures are drawn this often at most: faster than anyone reads. */
const DRAW_PERIOD_MS = 200;

/** Averaging may take this share of the main thread at most: a pass of 5 ms waits half a second. */
const AVERAGE_SHARE = 0.01;

/** The sparkline's height in its own units; it is stretched to its card. */
const SPARK_HEIGHT = 24;

const STYLE = css`
  dl {
    display: grid;
    gap: var(--sse-table-gap, 1rem);
    grid-template-columns: repeat(auto-fit, minmax(min(9rem, 100%), 1fr));
    margin: 0;
  }
  div {
    background: var(--sse-table-surface, light-dark(#fff, #171b2e));
    border: 1px solid var(--_line);
    border-radius: var(--sse-table-radius, 0.75rem);
    overflow: hidden;
    padding: 0.75rem 1rem;
    position: relative;
  }
  dt {
    color: var(--_muted);
    overflow-wrap: anywhere;
  }
  dd {
    font-size: 1.75em;
    font-weight: 650;
    line-height: 1.3;
    margin: 0;
  }
  svg {
    block-size: 2.2em;
    inline-size: 50%;
    inset-block-end: 0.6em;
    inset-inline-end: 0.75em;
    position: absolute;
  }
  path {
    fill: none;
    stroke: var(--_accent);
    stroke-linejoin: round;
    stroke-width: 1.5;
    vector-effect: non-scaling-stroke;
  }
`;

/**
 * Figures of a stream.
 *
 * @csspart stat one card
 * @csspart label its name
 * @csspart value its number
 * @csspart sparkline updates a second over the last minute
 */
export class SseStats extends LitElement {
  static override styles = [companionStyle, STYLE];
  static override properties = {
    ...feedLinkProperties,
    average: { type: String },
    averageLabel: { type: String, attribute: 'average-label' },
  };

  declare for: string | null | undefined;
  declare src: string | null | undefined;
  /** The column to average; none, no card. */
  declare average: string | null | undefined;
  /** What that column is called on the page; its name by default. */
  declare averageLabel: string | null | undefined;

  readonly #link: FeedLink = new FeedLink(this, {
    onFeed: () => {
      this.#rate = new UpdateRate(performance.now());
      this.#meanOf = '';
      this.#meanDueAt = 0;
    },
    onEvent: (event) => {
      this.#rate.total += changesIn(event);
      this.#drawTimer ??= setTimeout(() => {
        this.#drawTimer = undefined;
        this.requestUpdate();
      }, DRAW_PERIOD_MS);
    },
    onTick: () => {
      this.#rate.close(performance.now());
      this.requestUpdate();
    },
  });
  #rate = new UpdateRate(performance.now());
  #drawTimer: ReturnType<typeof setTimeout> | undefined;
  #mean: number | undefined;
  /** Column and `Rows.changes` of the last averaging, and when the next is due. */
  #meanOf = '';
  #meanDueAt = 0;

  protected override render(): TemplateResult {
    const { feed, language, locale } = this.#link;
    const words = companionTexts(language);
    const rows = feed?.rows;
    const whole = new Intl.NumberFormat(locale);
    const tenths = new Intl.NumberFormat(locale, {
      minimumFractionDigits: 1,
      maximumFractionDigits: 1,
    });
    const perSecond = this.#rate.perSecond;
    const column = this.average;
    return html`<dl part="stats">
      ${stat(words.records, whole.format(rows?.size ?? 0))}
      ${stat(words.updates, whole.format(this.#rate.total))}
      ${stat(words.perSecond, (perSecond < 100 ? tenths : whole).format(perSecond), this.#spark())}
      ${column ? stat(fill(words.average, { column: this.averageLabel ?? column }), this.#average(rows, column, tenths)) : ''}
    </dl>`;
  }

  #spark(): TemplateResult {
    return html`<svg
      part="sparkline"
      viewBox="0 -1 59 26"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path d=${this.#rate.path(SPARK_HEIGHT)} />
    </svg>`;
  }

  #average(rows: Rows | undefined, column: string, format: Intl.NumberFormat): string {
    if (rows === undefined) return '–';
    const now = performance.now();
    const name = `${rows.changes} ${column}`;
    if (name !== this.#meanOf && now >= this.#meanDueAt) {
      this.#meanOf = name;
      this.#mean = meanOf(rows, column);
      this.#meanDueAt = now + (performance.now() - now) / AVERAGE_SHARE;
    }
    return this.#mean === undefined ? '–' : format.format(this.#mean);
  }
}

function stat(label: string, value: string, picture?: TemplateResult): TemplateResult {
  return html`<div part="stat">
    <dt part="label">${label}</dt>
    <dd part="value">${value}</dd>
    ${picture}
  </div>`;
}

/** The mean of a column's numbers; undefined where it has none. */
function meanOf(rows: Rows, column: string): number | undefined {
  let sum = 0;
  let count = 0;
  for (const row of rows.values()) {
    const value = row[column];
    if (typeof value !== 'number') continue;
    sum += value;
    count++;
  }
  return count === 0 ? undefined : sum / count;
}

/** Row changes in an event; a snapshot is not an update. */
function changesIn(event: StreamEvent): number {
  switch (event.type) {
    case 'add':
    case 'update':
    case 'delete':
      return 1;
    case 'batch':
      return event.changes.length;
    case 'batch_update':
      return event.data.length;
    case 'sync':
      return event.data.length + event.deleted.length;
    default:
      return 0;
  }
}
