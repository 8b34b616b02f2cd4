import * as assert from 'uvu/assert';
import { figure } from '../../bench/measure/statistics.ts';
import { formatFigure, formatNumber } from '../../bench/report/format.ts';
import {
  BLOCK_BEGIN,
  BLOCK_END,
  putBlock,
  toBlock,
  toReport,
} from '../../bench/report/markdown.ts';
import type { SavedResult } from '../../bench/report/saved-result.ts';
import { toSvg } from '../../bench/report/svg.ts';
import { toText } from '../../bench/report/terminal.ts';
import { atLeast, atMost } from '../../bench/result.ts';
import { suite } from '../suite.ts';

const OURS = figure([6.1, 6.2, 6.9]);
const THEIRS = figure([13, 13.2, 14]);

const RESULT: SavedResult = {
  scenario: 'fan-out',
  title: 'Fan-out',
  method: 'So it is done.',
  date: '2026-01-02T03:04:05.000Z',
  rounds: 3,
  quick: false,
  machine: {
    cpu: 'Test CPU',
    cores: 2,
    memoryGib: 8,
    system: 'Linux 6 x64',
    node: 'v26.0.0',
    version: '1.0.0 at abc',
    loadBefore: 0.1,
  },
  peers: { present: ['a < b'], absent: ['nchan: not here'] },
  tables: [
    {
      title: '1,000 subscribers',
      columns: ['server', 'µs'],
      rows: [
        ['sse-table', OURS],
        ['a < b', THEIRS],
      ],
    },
  ],
  charts: [
    {
      kind: 'bars',
      name: 'fan-out',
      title: 'CPU',
      unit: 'µs',
      bars: [
        { label: 'sse-table', value: OURS },
        { label: 'a < b', value: THEIRS },
      ],
    },
  ],
  targets: [atMost('cost', 6, OURS, ' µs'), atLeast('rate', 3_000_000, figure([4e6]))],
  notes: ['Mind this.'],
};

const test = suite('bench report');

test('formatNumber: three digits that count', () => {
  const cases: [number, string][] = [
    [0, '0'],
    [0.012345, '0.0123'],
    [6.2, '6.2'],
    [99.96, '100'],
    [4_714_999, '4,710,000'],
    [-1.005, '-1'],
    [Number.NaN, '–'],
  ];
  for (const [value, text] of cases) assert.is(formatNumber(value), text);
});

test('formatFigure: the spread, where there were several runs', () => {
  assert.is(formatFigure(OURS), '6.2 (6.1–6.9)');
  assert.is(formatFigure(figure([6.2])), '6.2');
});

test('atMost, atLeast: judged by the median', () => {
  assert.equal(
    RESULT.targets.map(({ target, isMet }) => [target, isMet]),
    [
      ['≤ 6 µs', false],
      ['≥ 3,000,000', true],
    ],
  );
});

test('toText: columns in line, targets marked', () => {
  assert.is(
    toText(RESULT),
    `1,000 subscribers
server                µs
sse-table  6.2 (6.1–6.9)
a < b       13.2 (13–14)

✗ cost: 6.2 (6.1–6.9), wanted ≤ 6 µs
✓ rate: 4,000,000, wanted ≥ 3,000,000

Note: Mind this.
`,
  );
});

test('toReport: machine, method, tables, targets, notes and where the figures are from', () => {
  const report = toReport([RESULT]);
  for (const part of [
    '| processor | 2 × Test CPU |',
    '| absent | nchan: not here |',
    '## Fan-out\n\nSo it is done.\n',
    '![CPU](fan-out.svg)',
    '| sse-table | 6.2 (6.1–6.9) |\n',
    '| cost | ≤ 6 µs | 6.2 (6.1–6.9) | **no** |\n',
    'Mind this.',
    '2026-01-02, sse-table 1.0.0 at abc, medians of 3 runs, least and greatest in brackets, load average',
  ]) {
    assert.ok(report.includes(part), part);
  }
});

test('putBlock: only what is between the marks changes, and again', () => {
  const block = toBlock([RESULT]);
  assert.ok(block.includes('![CPU](bench/results/fan-out.svg)'));
  const readme = `# A\n\n${BLOCK_BEGIN}old\n${BLOCK_END}\n## B\n`;
  const once = putBlock(readme, block);
  assert.is(once, `# A\n\n${BLOCK_BEGIN}\n${block}\n${BLOCK_END}\n## B\n`);
  assert.is(putBlock(once, block), once);
  assert.throws(() => putBlock('# A\n', block), 'lacks the marks');
});

test('toSvg: bars in proportion, names escaped, dark mode', () => {
  const [chart] = RESULT.charts;
  if (chart === undefined) throw new Error('no chart');
  const svg = toSvg(chart);
  const widths = Array.from(svg.matchAll(/<rect [^>]* width="([\d.]+)"/g), ([, width]) =>
    Number(width),
  );
  assert.is(widths.length, 2);
  assert.ok(Math.abs((widths[1] ?? 0) / (widths[0] ?? 1) - 13.2 / 6.2) < 0.01);
  assert.ok(svg.includes('a &#60; b') && !svg.includes('a < b'));
  assert.ok(svg.includes('prefers-color-scheme: dark'));
});

test('toSvg: lines go from tick to tick of logarithmic axes', () => {
  const svg = toSvg({
    kind: 'lines',
    name: 'growth',
    title: 'Growth',
    xTitle: 'subscribers',
    yTitle: 'µs',
    lines: [
      {
        label: 'sse-table',
        points: [1, 10, 100].map((x) => ({ x, y: figure([x * 10]) })),
      },
    ],
  });
  const [, points = ''] = /<polyline [^>]*points="([^"]+)"/.exec(svg) ?? [];
  const places = points.split(' ').map((point) => point.split(',').map(Number));
  const [first = [], second = [], third = []] = places;
  const step = (axis: number) => [
    (second[axis] ?? 0) - (first[axis] ?? 0),
    (third[axis] ?? 0) - (second[axis] ?? 0),
  ];
  for (const axis of [0, 1]) {
    const [left = 0, right = 1] = step(axis);
    assert.ok(Math.abs(left - right) <= 0.2, points);
  }
  assert.not(svg.includes('NaN'));
});
