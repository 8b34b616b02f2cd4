#!/usr/bin/env node
/**
 * Builds everything into dist/: the page, the component files, the server, the library, the types
 * and one executable. `node build.mjs page` builds only what the server needs to show its page,
 * `node build.mjs package` what npm publishes.
 *
 * @see DESIGN 3
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';
import { optionsPage } from './server/options-markdown.ts';
import { DOC_PAGES, renderDoc } from './web/docs/render-docs.ts';

/** The whole standalone element, Lit and parser included: below every other data grid. */
const MAX_ELEMENT_GZIP_BYTES = 25_000;

/** The oldest Node that runs the library and dist/main.js; as in package.json. */
const SERVER_TARGET = 'node22.18';

/** Browsers of mid-2024 and later: those that know `light-dark()` and `popover`. */
const BROWSER_TARGET = ['chrome123', 'firefox125', 'safari17.5'];

/** The example pages, by the name of their script in web/examples/. */
const EXAMPLES = {
  'client.ts': 'Without a framework',
  'lit.ts': 'Lit',
  'react.tsx': 'React',
  'vue.ts': 'Vue',
};

/** Files that the element fetches from beside itself where they are needed. */
const ON_DEMAND = {
  'sse-table-companions.js': 'web/companions-define.ts',
  'sse-table-tabs.js': 'web/tabs/run-in-tabs.ts',
  'sse-table-chinese.js': 'web/wording/chinese.ts',
  'sse-table-columns.js': 'web/feature/columns.ts',
  'sse-table-debug.js': 'web/feature/debug.ts',
  'sse-table-editing.js': 'web/feature/editing.ts',
  'sse-table-find.js': 'web/feature/find.ts',
  'sse-table-formats.js': 'web/feature/formats.ts',
  'sse-table-first-paint.js': 'web/feature/first-paint.ts',
  'sse-table-print.js': 'web/feature/print.ts',
  'sse-table-save.js': 'web/feature/save.ts',
};

const ELEMENT_FILES = ['sse-table.js', ...Object.keys(ON_DEMAND)];

/** Served as they are. */
const PAGE_FILES = ['dashboard/index.html', 'gallery/gallery.html', 'page/favicon.svg'];

const root = import.meta.dirname;
const from = (...path) => join(root, ...path);
const dist = (...path) => join(root, 'dist', ...path);

/**
 * Lit's templates are strings, which no minifier touches. Style sheets without expressions go through
 * esbuild's CSS minifier, which leaves the spaces in custom properties; HTML loses its indentation,
 * never a line break, so that white space stays white space.
 */
/** Here elements are laid out by flex and grid, to which space between them means nothing. */
const WITHOUT_WORD_SPACE = /[\\/](element|feature)[\\/]table-/;

const templates = {
  name: 'templates',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]web[\\/].+\.ts$/ }, async ({ path }) => {
      let code = readFileSync(path, 'utf8');
      for (const [whole, sheet] of code.matchAll(/\bcss`([^`$\\]*)`/g)) {
        const small = await transform(sheet, { loader: 'css', minify: true });
        const tight = small.code
          .trim()
          .replace(/(--[\w-]+): |, (?=[#\d])/g, (_, name) =>
            name === undefined ? ',' : `${name}:`,
          );
        code = code.replace(whole, () => `css\`${tight.replaceAll('\\', '\\\\')}\``);
      }
      if (WITHOUT_WORD_SPACE.test(path)) code = code.replace(/>\n\s*</g, '><');
      const contents = code.replace(/\n[ \t]+/g, '\n');
      return { contents, loader: 'ts' };
    });
  },
};

/** The standalone file has only the part of Lit that its elements use. */
const leanElement = {
  name: 'lean-element',
  setup({ onResolve }) {
    const path = from('web/element/reactive-element.ts');
    onResolve({ filter: /^lit$/ }, () => ({ path }));
  },
};

/** The element's file leaves them where they are. */
const onDemand = {
  name: 'on-demand',
  setup({ onResolve }) {
    onResolve({ filter: /\.ts$/ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      const source = relative(root, join(resolveDir, path)).replaceAll('\\', '/');
      const name = Object.keys(ON_DEMAND).find((file) => ON_DEMAND[file] === source);
      if (name === undefined) return { errors: [{ text: `${source} is not in ON_DEMAND` }] };
      return { path: `./${name}`, external: true };
    });
  },
};

/** They take what the element's file has from there; it exports just that. */
const besideElement = {
  name: 'beside-element',
  setup({ onResolve }) {
    const shared =
      /^(lit|\.\.\/\w+\/(companion-style|connection|format|language|shared-feed|text)\.ts)$/;
    onResolve({ filter: shared }, () => ({ path: './sse-table.js', external: true }));
  },
};

/**
 * Properties that only the element's own file uses: not of the DOM, not of what pages or companions see.
 * Bundled whole, their names may be short.
 */
const INTERNAL =
  /^(_\$.*|hasUpdated|createRenderRoot|renderOptions|isOnline|onBytes|onEvent|onError|maxBufferSize|onComment|troubleSince|addInitializer|ages|announcement|applyWidths|canRetry|columnCount|converter|copyText|createProperty|creationScope|debounceMs|declaredColumns|dependsOnRow|elementStyles|enableUpdating|endNode|finalizeStyles|firstHole|firstUpdated|flashStep|flashedAt|flashes|forgetColumns|freshness|fromAttribute|geometry|getPropertyDescriptor|getPropertyOptions|getUpdateComplete|hasActiveCell|hasActiveRow|hasChanged|hasDrawn|hostUpdated|inner|invalidate|isAway|isDescending|isFailure|isFirst|isHeld|isNaming|isOld|isPaused|isPlain|isSorted|isUpdatePending|isVisible|keepsOthers|layout|look|noAccessor|notice|onApply|onChanges|onFilter|onHeading|onNeed|onPause|onProblem|onRetry|onSearch|onSort|onState|owedMs|pageSize|painted|performUpdate|probe|removeController|renderBefore|requestDraw|requestNow|reveal|rowHeight|schedule|scheduleUpdate|scrollToIndex|setColumns|setConnected|setFeed|setQuery|shadowRootOptions|shouldUpdate|shown|showsLabel|skipMarks|spacer|startNode|supportsAdoptingStyleSheets|toAttribute|troubleSince|usable|useDefault|viewport|viewportHeight|waitIsOwed|willUpdate|wording|wrapped|formatName|isWindowed|isWhole|templates|arrange|onDrawn|drawn|onTick|onVisibility|onLanguage|onChildren|overrides|isPrinted|tools|panels|startFrom|topOf|writes|widths|onEdit|dress|activate|thaw|forget|sign|operand|revision|born|snapshot)$/;

const browser = {
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: BROWSER_TARGET,
  minify: true,
  plugins: [templates],
  charset: 'utf8', // module scripts always are; Chinese texts are half as long
  legalComments: 'none',
  logLevel: 'warning',
};

const server = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: SERVER_TARGET,
  legalComments: 'none',
  logLevel: 'warning',
};

async function buildPage() {
  mkdirSync(dist('page'), { recursive: true });
  const { mangleCache } = await build({
    ...browser,
    entryPoints: [from('web/standalone.ts')],
    plugins: [templates, leanElement, onDemand],
    mangleProps: INTERNAL,
    mangleCache: {},
    outfile: dist('page/sse-table.js'),
  });
  await Promise.all([
    ...Object.entries(ON_DEMAND).map(([name, source]) =>
      build({
        ...browser,
        entryPoints: [from(source)],
        plugins: [templates, besideElement],
        mangleProps: INTERNAL,
        mangleCache: { ...mangleCache }, // the same short names on both sides
        outfile: dist('page', name),
      }),
    ),
    build({
      ...browser,
      entryPoints: ['dashboard', 'gallery'].flatMap((page) => [
        from('web', page, `${page}.ts`),
        from('web', page, `${page}.css`),
      ]),
      plugins: [templates, besideElement], // one copy of the feeds on a page
      entryNames: '[name]',
      outdir: dist('page'),
    }),
  ]);
  await buildExamples();
  buildDocs();
  for (const file of PAGE_FILES) copyFileSync(from('web', file), dist('page', basename(file)));
}

async function buildExamples() {
  const frame = readFileSync(from('web/examples/example.html'), 'utf8');
  copyFileSync(from('web/examples/example.css'), dist('page/example.css'));
  for (const [script, title] of Object.entries(EXAMPLES)) {
    const [name] = script.split('.');
    const page = frame.replaceAll('{title}', title).replaceAll('{name}', name);
    writeFileSync(dist('page', `example-${name}.html`), page);
  }
  await build({
    ...browser,
    entryPoints: Object.keys(EXAMPLES).map((script) => from('web/examples', script)),
    entryNames: 'example-[name]',
    outdir: dist('page'),
    define: {
      'process.env.NODE_ENV': '"production"',
      __VUE_OPTIONS_API__: 'false',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    },
    legalComments: 'eof', // other people's code: their licences go with it
  });
}

/** The documentation: Markdown in web/docs, and the table of options. */
function buildDocs() {
  mkdirSync(dist('page/docs'), { recursive: true });
  for (const name of Object.keys(DOC_PAGES)) {
    const markdown =
      name === 'options' ? optionsPage() : readFileSync(from('web/docs', `${name}.md`), 'utf8');
    writeFileSync(dist('page/docs', `${name}.html`), renderDoc(name, markdown));
  }
  copyFileSync(from('web/docs/docs.css'), dist('page/docs.css'));
}

/** Prints what each file of the element costs. */
function checkElementSize() {
  const [element] = ELEMENT_FILES.map((name) => {
    const code = readFileSync(dist('page', name));
    const bytes = gzipSync(code, { level: 9 }).length;
    console.log(`${name}: ${code.length} bytes minified, ${bytes} with gzip`);
    return bytes;
  });
  if (element > MAX_ELEMENT_GZIP_BYTES) {
    const excess = element - MAX_ELEMENT_GZIP_BYTES;
    console.error(`sse-table.js is ${excess} bytes over its limit of ${MAX_ELEMENT_GZIP_BYTES}`);
    process.exitCode = 1;
  }
}

async function buildAll() {
  rmSync(dist(), { recursive: true, force: true });
  await buildPackage();
  await buildExecutable();
  checkElementSize();
}

/** What npm publishes. */
async function buildPackage() {
  await buildPage();
  for (const file of ELEMENT_FILES) {
    copyFileSync(dist('page', file), dist(file));
  }
  await Promise.all([
    build({
      ...browser,
      entryPoints: [from('web/sse-table-define.ts')],
      outfile: dist('element.js'),
      minify: false, // the user's bundler does it, with Lit deduplicated
      packages: 'external',
    }),
    build({
      ...browser,
      entryPoints: {
        client: from('web/client/connect.ts'),
        lit: from('web/client/sse-controller.ts'),
        react: from('web/client/use-sse.ts'),
      },
      outdir: dist(),
      splitting: true,
      chunkNames: 'client-[hash]',
      minify: false,
      packages: 'external',
    }),
    build({
      ...server,
      entryPoints: [from('server/index.ts')],
      outfile: dist('index.js'),
      packages: 'external',
    }),
    build({
      ...server,
      entryPoints: [from('server/main.ts')],
      outfile: dist('main.js'),
      // A package from before ES modules may call require().
      banner: {
        js: `import { createRequire as $createRequire } from 'node:module';\nconst require = $createRequire(import.meta.url);`,
      },
    }),
  ]);
  const code = readFileSync(dist('main.js'), 'utf8');
  if (!code.startsWith('#!')) writeFileSync(dist('main.js'), `#!/usr/bin/env node\n${code}`);
  chmodSync(dist('main.js'), 0o755);
  buildTypes();
}

function buildTypes() {
  const config = dist('tsconfig.types.json');
  writeFileSync(
    config,
    JSON.stringify({
      extends: '../tsconfig.json',
      compilerOptions: {
        noEmit: false,
        declaration: true,
        emitDeclarationOnly: true,
        rootDir: '..',
        outDir: 'types',
      },
      include: [],
      files: [
        '../server/index.ts',
        '../web/sse-table-define.ts',
        '../web/client/connect.ts',
        '../web/client/sse-controller.ts',
        '../web/client/use-sse.ts',
      ],
    }),
  );
  run(from('node_modules/.bin/tsc'), '--project', config);
  rmSync(config);
}

/** One file with Node, the server and the page inside; it runs where there is no Node. */
async function buildExecutable() {
  const assets = Object.fromEntries(
    readdirSync(dist('page'), { recursive: true })
      .filter((name) => statSync(dist('page', name)).isFile())
      .map((name) => [`page/${name.replaceAll('\\', '/')}`, dist('page', name)]),
  );
  const config = dist('sea.json');
  const executable = dist(process.platform === 'win32' ? 'sse-table.exe' : 'sse-table');
  writeFileSync(
    config,
    JSON.stringify({
      main: dist('main.js'),
      mainFormat: 'module',
      output: executable,
      executable: process.execPath,
      disableExperimentalSEAWarning: true,
      assets,
    }),
  );
  run(process.execPath, '--build-sea', config);
  rmSync(config);
  chmodSync(executable, 0o755);
  console.log(`${executable}: ${(statSync(executable).size / 2 ** 20).toFixed(0)} MiB`);
}

function run(command, ...args) {
  execFileSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
}

const [what] = process.argv.slice(2);
if (what === undefined) await buildAll();
else if (what === 'page') await buildPage();
else if (what === 'package') await buildPackage();
else {
  const targets = 'node build.mjs, node build.mjs page, node build.mjs package';
  console.error(`build.mjs: nothing is called "${what}"; try: ${targets}`);
  process.exitCode = 2;
}
