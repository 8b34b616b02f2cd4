/**
 * Who takes part, and their pages: bundled when the benchmark starts, after the peers have been
 * installed once.
 */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

/** A contender by the name of its page. */
export interface Contender {
  readonly page: string;
  readonly name: string;
}

export const OURS: Contender = { page: 'element', name: 'sse-table' };
export const POOL: Contender = { page: 'pool', name: 'hand-written pool' };

/** The peers' pages, and their packages. */
const PACKAGES: Readonly<Record<string, string>> = {
  'ag-grid': 'ag-grid-community',
  revogrid: '@revolist/revogrid',
  tabulator: 'tabulator-tables',
};

const INSTALL_LIMIT_MS = 180_000;

const HERE = import.meta.dirname;

/** Where the element is built to, with what it loads when it is needed. */
const ELEMENT = join(HERE, '../../dist/page');

/** Kept between runs, so that only the first one downloads. */
const PEERS = join(tmpdir(), 'sse-table-bench-peers/browser');

/** Who can take part, and where their pages are. Disposing of it deletes these. */
export interface Contenders extends Disposable {
  readonly all: readonly Contender[];
  readonly pages: string;
  /** Why others are absent. */
  readonly absent: readonly string[];
}

/** Finds them and bundles their pages. */
export async function gatherContenders(): Promise<Contenders> {
  const absent: string[] = [];
  const peers: Contender[] = [];
  try {
    for (const [page, version] of install()) {
      peers.push({ page, name: `${PACKAGES[page]} ${version}` });
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    absent.push(`${Object.values(PACKAGES).join(', ')}: ${reason}`);
  }
  const all = [OURS, POOL, ...peers];
  const pages = mkdtempSync(join(tmpdir(), 'sse-table-bench-pages-'));
  const sources = [...all.map(({ page }) => `${page}.ts`), 'page.css'];
  await build({
    entryPoints: sources.map((source) => join(HERE, 'page', source)),
    bundle: true,
    format: 'esm',
    minify: true,
    nodePaths: [join(PEERS, 'node_modules')],
    outdir: pages,
    logLevel: 'warning',
  });
  for (const file of readdirSync(ELEMENT)) {
    if (/^sse-table.*\.js$/.test(file)) copyFileSync(join(ELEMENT, file), join(pages, file));
  }
  return {
    all,
    pages,
    absent,
    [Symbol.dispose]: () => rmSync(pages, { recursive: true }),
  };
}

/** @returns the peers' pages and the versions they are installed in. */
function install(): Map<string, string> {
  const { dependencies } = readPackage(HERE);
  const wanted = new Map(
    Object.entries(PACKAGES).map(([page, name]) => [page, dependencies?.[name] ?? '']),
  );
  const isThere = (page: string, version: string): boolean => {
    const folder = join(PEERS, 'node_modules', PACKAGES[page] ?? '');
    return existsSync(folder) && readPackage(folder).version === version;
  };
  if (Array.from(wanted).every(([page, version]) => isThere(page, version))) return wanted;
  mkdirSync(PEERS, { recursive: true });
  copyFileSync(join(HERE, 'package.json'), join(PEERS, 'package.json'));
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock'];
  execFileSync('npm', args, { cwd: PEERS, timeout: INSTALL_LIMIT_MS, stdio: 'pipe' });
  return wanted;
}

function readPackage(folder: string): { version?: string; dependencies?: Record<string, string> } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
