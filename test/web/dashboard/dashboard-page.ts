/**
 * The dashboard's files built in memory, as the build puts them into the page's folder.
 *
 * @see DESIGN 3
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const WEB = new URL('../../../web/', import.meta.url);

const DASHBOARD = new URL('dashboard/', WEB);

const COPIED = ['index.html', 'dashboard.css', 'favicon.svg'];

const BUNDLED: Readonly<Record<string, string>> = {
  'dashboard.js': 'dashboard/dashboard.ts',
  'sse-table.js': 'sse-table-define.ts',
};

/** The files by name, for `createApp`'s `page`. */
export async function buildDashboardPage(): Promise<Map<string, Buffer>> {
  const page = new Map<string, Buffer>();
  for (const name of COPIED) page.set(name, await readFile(new URL(name, DASHBOARD)));
  for (const [name, entry] of Object.entries(BUNDLED)) {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL(entry, WEB))],
      bundle: true,
      minify: true,
      format: 'esm',
      conditions: ['production'],
      write: false,
    });
    page.set(name, Buffer.from(outputFiles[0]?.contents ?? []));
  }
  return page;
}
