/**
 * Imports go downwards only, files are of a readable length, and packages stay where they belong.
 *
 * @see DESIGN 2, STYLE 3
 */
import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import * as assert from 'uvu/assert';
import { suite } from './suite.ts';

const ROOT = join(import.meta.dirname, '..');

const ENTRIES = [
  'server/main.ts',
  'server/index.ts',
  'web/sse-table-define.ts',
  'web/standalone.ts',
  'web/element/reactive-element.ts',
  'web/dashboard/dashboard.ts',
  'web/docs/render-docs.ts',
  'server/options-markdown.ts',
  'web/gallery/gallery.ts',
  'web/client/connect.ts',
  'web/client/sse-controller.ts',
  'web/client/use-sse.ts',
  'web/examples/client.ts',
  'web/examples/lit.ts',
  'web/examples/react.tsx',
  'web/examples/vue.ts',
];

/** Longer files hold more than one concept. Comments and blank lines do not count. */
const MAX_CODE_LINES = 250;

/** Files by folder, and the folders that each may import from, itself included. */
const FLOORS: [folder: string, mayImport: string[]][] = [
  ['server/wire/', ['server/wire/']],
  ['server/base/', ['server/base/', 'server/wire/']],
  ['server/table/', ['server/table/', 'server/base/', 'server/wire/']],
  ['server/stream/', ['server/stream/', 'server/table/', 'server/base/', 'server/wire/']],
  [
    'server/source/',
    ['server/source/', 'server/stream/', 'server/table/', 'server/base/', 'server/wire/'],
  ],
  [
    'server/http/',
    ['server/http/', 'server/stream/', 'server/table/', 'server/base/', 'server/wire/'],
  ],
  [
    'server/library/',
    [
      'server/library/',
      'server/http/',
      'server/stream/',
      'server/table/',
      'server/base/',
      'server/wire/',
    ],
  ],
  ['server/cluster/', ['server/cluster/', 'server/table/', 'server/base/', 'server/wire/']],
  ['server/tool/', ['server/tool/', 'server/base/', 'server/wire/', 'package.json']],
  ['server/', ['server/', 'package.json']],
  ['web/wording/', ['web/wording/', 'server/wire/']],
  ['web/feed/', ['web/feed/', 'server/wire/']],
  ['web/grid/', ['web/grid/', 'web/feed/', 'web/wording/', 'server/wire/']],
  ['web/feature/', ['web/feature/', 'web/grid/', 'web/feed/', 'web/wording/', 'server/wire/']],
  [
    'web/element/',
    ['web/element/', 'web/feature/', 'web/grid/', 'web/feed/', 'web/wording/', 'server/wire/'],
  ],
  [
    'web/companion/',
    ['web/companion/', 'web/element/', 'web/feed/', 'web/wording/', 'server/wire/'],
  ],
  ['web/tabs/', ['web/tabs/', 'web/feed/', 'server/wire/']],
  ['web/client/', ['web/client/', 'web/feed/', 'server/wire/']],
  ['web/examples/', ['web/examples/']],
  ['web/docs/', ['web/docs/']],
  ['web/page/', ['web/page/']],
  ['web/dashboard/', ['web/dashboard/', 'web/page/', 'web/grid/', 'web/feed/', 'server/wire/']],
  ['web/gallery/', ['web/gallery/', 'web/page/']],
  ['web/', ['web/element/', 'web/companion/', 'web/tabs/', 'web/feed/', 'web/wording/', 'web/']],
];

/** Packages by the folders that may import them. */
const PACKAGES: Readonly<Record<string, string[]>> = {
  'csv-parse': ['server/table/lines/'],
  jose: ['server/http/'],
  pg: ['server/source/postgres/'],
  redis: ['server/source/redis/'],
  lit: ['web/'],
  marked: ['web/docs/'],
  react: ['web/client/use-sse.ts', 'web/examples/react.tsx'],
  'react-dom': ['web/examples/react.tsx'],
  vue: ['web/examples/vue.ts'],
  'sse-table': ['web/examples/'],
  'eventsource-parser': ['web/'],
};

/** The ground is shared with the browser, or pure: nothing of Node either. */
const WITHOUT_NODE = FLOORS.map(([folder]) => folder).filter(
  (folder) => folder === 'server/wire/' || folder.startsWith('web/'),
);

type Imports = ReadonlyMap<string, readonly string[]>;

/** Each file's imports: of files by their path, of packages by their name. */
async function readImports(entryPoints: readonly string[]): Promise<Imports> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [...entryPoints],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outdir: 'dist',
    write: false,
    metafile: true,
    // Types bind files together just as values do, but leave no trace in the bundle.
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    treeShaking: false,
  });
  const imports = new Map<string, string[]>();
  for (const [file, { imports: found }] of Object.entries(metafile.inputs)) {
    imports.set(file, [...found.map(({ path }) => path), ...readTypeImports(file)]);
  }
  return imports;
}

/** What `import type … from './x.ts'` names; esbuild drops these. */
function readTypeImports(file: string): string[] {
  if (!file.endsWith('.ts')) return [];
  const text = readFileSync(join(ROOT, file), 'utf8');
  const folder = file.slice(0, file.lastIndexOf('/'));
  const names = text.matchAll(/^(?:import|export) type[^;]*? from '([^']+)'/gm);
  return Array.from(names, ([, name = '']) => (name.startsWith('.') ? join(folder, name) : name));
}

/** What breaks the rules, each as `a → b`. */
function violations(imports: Imports): string[] {
  const broken: string[] = [];
  for (const [file, targets] of imports) {
    const floor = FLOORS.find(([folder]) => file.startsWith(folder));
    if (floor === undefined) continue; // package.json imports nothing
    for (const target of targets) {
      if (!isAllowed(file, target, floor)) broken.push(`${file} → ${target}`);
    }
  }
  return broken;
}

function isAllowed(file: string, target: string, [folder, mayImport]: (typeof FLOORS)[0]): boolean {
  if (isBuiltin(target)) return !WITHOUT_NODE.includes(folder);
  const isFile =
    target.startsWith('server/') || target.startsWith('web/') || target === 'package.json';
  if (!isFile) {
    const name = target
      .split('/')
      .slice(0, target.startsWith('@') ? 2 : 1)
      .join('/');
    return (PACKAGES[name] ?? []).some((place) => file.startsWith(place));
  }
  // "server/" as a target is the roof: only what lies directly in it.
  const floor = FLOORS.find(([candidate]) => target.startsWith(candidate))?.[0] ?? target;
  if (folder === 'server/') return !floor.startsWith('web/');
  return mayImport.includes(floor);
}

const test = suite('floors');

const imports = await readImports(ENTRIES);

test('imports go downwards only', () => {
  assert.ok(imports.size > 50, `only ${imports.size} files were found`);
  const ofRow = imports.get('server/table/row.ts') ?? [];
  assert.ok(ofRow.includes('server/base/errors.ts'), 'imports of values are found');
  assert.ok(ofRow.includes('server/wire/change.ts'), 'imports of types are found');
  assert.equal(violations(imports), []);
});

test('no file is outside the walk from the entries', () => {
  const known = new Set(imports.keys());
  for (const targets of imports.values()) for (const target of targets) known.add(target);
  const strangers = globSync('{server,web}/**/*.ts', { cwd: ROOT }).filter(
    (file) => !known.has(file),
  );
  assert.equal(strangers, []);
});

test(`no file of more than ${MAX_CODE_LINES} lines of code`, () => {
  const tooLong: string[] = [];
  for (const file of globSync('{server,web,bench}/**/*.ts', { cwd: ROOT })) {
    if (file.endsWith('-style.ts')) continue; // a style sheet: one declaration a line
    const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
    const code = lines.filter((line) => !/^\s*($|\/\/|\/?\*)/.test(line));
    if (code.length > MAX_CODE_LINES) tooLong.push(`${file}: ${code.length}`);
  }
  assert.equal(tooLong, []);
});

const WRONG: [from: string, to: string][] = [
  ['server/wire/change.ts', 'server/base/errors.ts'],
  ['server/wire/change.ts', 'node:buffer'],
  ['server/base/log.ts', 'server/table/table.ts'],
  ['server/table/table.ts', 'server/stream/channel.ts'],
  ['server/table/table.ts', 'server/options.ts'],
  ['server/stream/channel.ts', 'server/http/router.ts'],
  ['server/http/router.ts', 'server/source/open.ts'],
  ['server/source/open.ts', 'server/http/router.ts'],
  ['server/http/router.ts', 'server/app.ts'],
  ['server/cluster/link.ts', 'server/http/router.ts'],
  ['server/http/router.ts', 'server/cluster/link.ts'],
  ['server/tool/terminal.ts', 'server/http/router.ts'],
  ['server/http/router.ts', 'server/library/pattern.ts'],
  ['server/library/pattern.ts', 'server/source/open.ts'],
  ['server/http/router.ts', 'lit'],
  ['server/app.ts', 'web/feed/feed.ts'],
  ['web/feed/feed.ts', 'server/base/clock.ts'],
  ['web/feed/feed.ts', 'node:fs'],
  ['web/feed/feed.ts', 'jose'],
  ['web/feed/feed.ts', 'web/grid/columns.ts'],
  ['web/grid/columns.ts', 'web/element/sse-table.ts'],
  ['web/feature/columns.ts', 'web/element/sse-table.ts'],
];
for (const [from, to] of WRONG) {
  test(`would name ${from} → ${to}`, () => {
    assert.equal(violations(new Map([[from, [to]]])), [`${from} → ${to}`]);
  });
}
