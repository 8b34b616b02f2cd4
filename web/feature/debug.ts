/**
 * What a table is doing, in numbers: for whoever builds a page with it. By attribute, or for every
 * table of a page by `?debug` in its address.
 *
 * @see FRONTEND 4 "`?debug` panel"
 */
import { css, html } from 'lit';
import { adoptStyle } from './adopt-style.ts';
import type { FeatureHost, TableFeature } from './table-feature.ts';

/** How often the numbers are worked out. */
const PERIOD_MS = 1_000;

/** Draws of which the slowest are told. */
const REMEMBERED_DRAWS = 1_000;

const debugStyle = css`
  .debug {
    border-block-end: 1px solid var(--_line);
    display: flex;
    flex: none;
    flex-wrap: wrap;
    font: 0.75rem / 1.5 ui-monospace, monospace;
    gap: 0 1.25rem;
    padding: 0.375rem var(--_padding);
  }
  .debug b {
    font-weight: 600;
  }
`;

/** The figures of one period. */
interface Figures {
  events: number;
  changes: number;
  /** Row changes for each row that was written by a draw. */
  conflation: number;
  frames: number;
  draws: number;
  /** Of the last thousand draws, in ms. */
  slowDrawMs: number;
  heapBytes: number | undefined;
  /** From the arrival of the oldest event of a draw to the frame that shows it: median and slowest. */
  latencyMs: number;
  slowLatencyMs: number;
}

/** Measures, and shows it. */
export function start({ element, view, scroller }: FeatureHost): TableFeature {
  const drawTimes: number[] = [];
  let latencies: number[] = [];
  let events = 0;
  let frames = 0;
  let draws = 0;
  let oldestAt: number | undefined;
  let changes = view.rows.changes;
  let writes = scroller.writes;
  let at = performance.now();
  let figures: Figures | undefined;
  let offEvent: (() => void) | undefined;
  let followed: unknown;
  let frame = requestAnimationFrame(onFrame);
  const timer = setInterval(measure, PERIOD_MS);
  const undo = adoptStyle(element, debugStyle.styleSheet);

  function onFrame(): void {
    frames++;
    frame = requestAnimationFrame(onFrame);
  }

  /** A table may get another feed. */
  function follow(): void {
    const { feed } = element;
    if (feed === followed) return;
    followed = feed;
    offEvent?.();
    offEvent = feed?.on('event', () => {
      events++;
      oldestAt ??= performance.now();
    });
  }

  function measure(): void {
    follow();
    const now = performance.now();
    const seconds = (now - at) / 1_000;
    const changed = Math.max(0, view.rows.changes - changes);
    const sorted = latencies.toSorted((a, b) => a - b);
    figures = {
      events: events / seconds,
      changes: changed / seconds,
      conflation: changed / Math.max(1, scroller.writes - writes),
      frames: frames / seconds,
      draws: draws / seconds,
      slowDrawMs: quantile(
        drawTimes.toSorted((a, b) => a - b),
        0.99,
      ),
      heapBytes: heapBytes(),
      latencyMs: quantile(sorted, 0.5),
      slowLatencyMs: quantile(sorted, 1),
    };
    latencies = [];
    events = frames = draws = 0;
    changes = view.rows.changes;
    writes = scroller.writes;
    at = now;
    element.requestUpdate();
  }

  follow();
  return {
    drawn(drawMs) {
      draws++;
      drawTimes.push(drawMs);
      if (drawTimes.length > REMEMBERED_DRAWS) drawTimes.shift();
      if (oldestAt === undefined) return;
      const since = oldestAt;
      oldestAt = undefined;
      // A task that follows the frame: by then what was drawn is on its way to the screen.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        latencies.push(performance.now() - since);
        port1.close();
      };
      port2.postMessage(undefined);
    },
    panel() {
      const items = figures === undefined ? [] : itemsOf(figures);
      return html`<div class="debug" part="debug" aria-hidden="true">${items.map(
        ([name, value]) => html`<span>${name} <b>${value}</b></span>`,
      )}</div>`;
    },
    close() {
      cancelAnimationFrame(frame);
      clearInterval(timer);
      offEvent?.();
      undo();
    },
  };
}

function itemsOf(figures: Figures): [name: string, value: string][] {
  const { heapBytes } = figures;
  const heap = heapBytes === undefined ? '–' : `${(heapBytes / 2 ** 20).toFixed(1)} MiB`;
  return [
    ['events/s', figures.events.toFixed(0)],
    ['changes/s', figures.changes.toFixed(0)],
    ['changes per row written', figures.conflation.toFixed(1)],
    ['frames/s', figures.frames.toFixed(0)],
    ['draws/s', figures.draws.toFixed(0)],
    ['p99 draw', `${figures.slowDrawMs.toFixed(1)} ms`],
    ['heap', heap],
    [
      'event to pixel',
      `${figures.latencyMs.toFixed(0)} ms, at most ${figures.slowLatencyMs.toFixed(0)}`,
    ],
  ];
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Chromium's own; other browsers do not tell. */
function heapBytes(): number | undefined {
  const { memory }: { memory?: { usedJSHeapSize?: number } } = Object(performance);
  return memory?.usedJSHeapSize;
}
