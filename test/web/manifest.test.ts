/**
 * custom-elements.json against the code: what the one names, the other has.
 *
 * @see FRONTEND 4 "Conventions"
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PropertyDeclarations } from 'lit';
import * as assert from 'uvu/assert';
import { SseLog } from '../../web/companion/sse-log.ts';
import { SseMessages } from '../../web/companion/sse-messages.ts';
import { SseStats } from '../../web/companion/sse-stats.ts';
import { SseStatus } from '../../web/companion/sse-status.ts';
import { SseUpload } from '../../web/companion/sse-upload.ts';
import { SseColumn } from '../../web/element/sse-column.ts';
import { SseTable } from '../../web/element/sse-table.ts';
import { suite } from '../suite.ts';

const test = suite('custom-elements.json');
const ROOT = join(import.meta.dirname, '../..');

interface Named {
  name: string;
}

interface Declaration extends Named {
  tagName: string;
  attributes: (Named & { fieldName: string })[];
  members: (Named & { kind: string; attribute?: string })[];
  events?: Named[];
  slots?: Named[];
  cssParts?: Named[];
  cssProperties?: Named[];
}

interface Manifest {
  modules: { path: string; declarations: Declaration[] }[];
}

const manifest: Manifest = JSON.parse(readFileSync(join(ROOT, 'custom-elements.json'), 'utf8'));

/** Each element's class, and the files its shadow tree is written in. */
const ELEMENTS: Record<string, { element: Element; sources: string[] }> = {
  'sse-table': {
    element: SseTable,
    sources: [
      'element/sse-table',
      'element/table-shell',
      'element/table-header',
      'grid/cell',
      'grid/grid',
      'element/sse-table-style',
      'feature/column-menu',
      'feature/columns',
      'feature/cell-editor',
      'feature/pending-edit',
      'feature/delete-dialog',
      'feature/find',
      'feature/debug',
    ],
  },
  'sse-column': { element: SseColumn, sources: [] },
  'sse-status': { element: SseStatus, sources: ['companion/sse-status'] },
  'sse-stats': { element: SseStats, sources: ['companion/sse-stats'] },
  'sse-log': { element: SseLog, sources: ['companion/sse-log'] },
  'sse-messages': {
    element: SseMessages,
    sources: ['companion/sse-messages', 'companion/sse-messages-style'],
  },
  'sse-upload': {
    element: SseUpload,
    sources: ['companion/sse-upload', 'companion/sse-upload-style'],
  },
};

interface Element {
  properties: PropertyDeclarations;
  prototype: object;
}

function source(name: string): string {
  return readFileSync(join(ROOT, 'web', `${name}.ts`), 'utf8');
}

function sorted(names: Iterable<string>): string[] {
  return [...new Set(names)].sort();
}

function names(list: readonly Named[] | undefined): string[] {
  return sorted((list ?? []).map(({ name }) => name));
}

function found(sources: readonly string[], pattern: RegExp): string[] {
  const text = sources.map(source).join('\n');
  return sorted(Array.from(text.matchAll(pattern), ([, name = '']) => name));
}

/** Names in templates; what is put together at run time is listed by hand. */
function partsIn(tagName: string, sources: readonly string[]): string[] {
  const literal = found(sources, /\bpart(?:="|', ')([\w\s-]+)["']/g).flatMap((text) =>
    text.split(' '),
  );
  const computed: Record<string, string[]> = {
    'sse-table': [
      ...['state', 'row', 'cell', 'cell-{column}', 'badge', 'bar', 'spark', 'link', 'selected'],
      ...['connecting', 'live', 'paused', 'reconnecting', 'stale', 'offline', 'ended'].map(
        (state) => `state-${state}`,
      ),
    ],
    'sse-log': ['line', 'success', 'error', 'info'],
    'sse-messages': ['message', 'own', 'other'],
    'sse-upload': ['file', 'waiting', 'sending', 'completed', 'failed', 'cancelled'],
  };
  return sorted([...literal, ...(computed[tagName] ?? [])]);
}

/** Methods and accessors of the class itself that a page may use. */
function publicMembers({ prototype, properties }: Element): string[] {
  const lifecycle =
    /^(constructor|connectedCallback|disconnectedCallback|willUpdate|render|firstUpdated|updated|createRenderRoot)$/;
  const own = Object.getOwnPropertyNames(prototype).filter((name) => !lifecycle.test(name));
  return sorted([...Object.keys(properties), ...own.filter((name) => !/^_|#/.test(name))]);
}

const declarations = manifest.modules.flatMap((module) => module.declarations);

test('every element is there, at the path of its class', () => {
  assert.equal(
    declarations.map(({ tagName }) => tagName),
    Object.keys(ELEMENTS),
  );
  for (const { path, declarations } of manifest.modules) {
    const { name = '' } = declarations[0] ?? {};
    assert.ok(readFileSync(join(ROOT, path), 'utf8').includes(`export class ${name} `), path);
  }
});

for (const declaration of declarations) {
  const { tagName } = declaration;
  const { element, sources } = ELEMENTS[tagName] ?? { element: SseTable, sources: [] };
  test(`${tagName}: attributes are those of its properties`, () => {
    const attributes = Object.entries(element.properties).flatMap(([name, { attribute }]) =>
      attribute === false ? [] : [[typeof attribute === 'string' ? attribute : name, name]],
    );
    const declared = declaration.attributes.map(({ name, fieldName }) => [name, fieldName]);
    assert.equal(declared.toSorted(), attributes.toSorted());
  });

  test(`${tagName}: members are its properties, accessors and methods`, () => {
    assert.equal(names(declaration.members), publicMembers(element));
  });

  test(`${tagName}: parts, slots and events are those in its code`, () => {
    assert.equal(names(declaration.cssParts), partsIn(tagName, sources));
    const slots = found(sources, /<slot(?: name="(\w+)")?/g);
    assert.equal(names(declaration.slots), slots);
    assert.equal(names(declaration.events), found(sources, /tableEvent\(\s*'([\w-]+)'/g));
  });

  test(`${tagName}: custom properties are those of its style sheets`, () => {
    if (sources.length === 0) return;
    const properties = found([...sources, 'element/companion-style'], /var\((--sse-table-[\w-]+)/g);
    assert.equal(names(declaration.cssProperties), properties);
  });
}
