/**
 * The static files of the page: from inside the executable, else from the folder of the build.
 *
 * @see DESIGN 3 "node --build-sea"
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
// As a whole: Node 22.18 lacks getAssetKeys, and never is an executable of ours.
import sea from 'node:sea';

/** How build.mjs names the page's files among the executable's assets. */
const ASSET_PREFIX = 'page/';

/** Beside dist/main.js, and as seen from server/page.ts. */
const FOLDERS = ['page', '../dist/page'];

/**
 * The files by name: `index.html`, `sse-table.js`, …
 * @returns an empty map where the page has not been built.
 */
export function loadPage(): ReadonlyMap<string, Buffer> {
  if (sea.isSea()) {
    const keys = sea.getAssetKeys().filter((key) => key.startsWith(ASSET_PREFIX));
    return new Map(
      keys.map((key) => [key.slice(ASSET_PREFIX.length), Buffer.from(sea.getAsset(key))]),
    );
  }
  const folder = FOLDERS.map((path) => join(import.meta.dirname, path)).find(existsSync);
  if (folder === undefined) return new Map();
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    files
      .filter((file) => file.isFile())
      .map((file) => join(file.parentPath, file.name))
      .map((path) => [relative(folder, path).replaceAll('\\', '/'), readFileSync(path)]),
  );
}
