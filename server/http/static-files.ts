/**
 * The page and the component file: all work on them is done once, at the start.
 *
 * @see SPEC 3.3 "GET /", 8 "strict CSP", 10 "The component file is public"
 */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { isNotModified } from './etag.ts';
import { type Answerable, type Headers, writeHead } from './head.ts';
import { prefer } from './negotiate.ts';
import { sendEmpty } from './respond.ts';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  json: 'application/json; charset=utf-8',
  map: 'application/json; charset=utf-8',
  webmanifest: 'application/manifest+json',
  txt: 'text/plain; charset=utf-8',
  png: 'image/png',
  ico: 'image/x-icon',
  woff2: 'font/woff2',
};

/** Already compressed: not worth another try. */
const COMPRESSED = new Set(['png', 'woff2']);

/** Smaller files fit one packet anyway. */
const MIN_COMPRESSED_BYTES = 1_024;

/** The files that any page on the web may load. */
export const PUBLIC_FILES: readonly string[] = [
  'sse-table.js',
  'sse-table-companions.js',
  'sse-table-tabs.js',
  'sse-table-chinese.js',
  'sse-table-columns.js',
  'sse-table-debug.js',
  'sse-table-editing.js',
  'sse-table-find.js',
  'sse-table-formats.js',
  'sse-table-first-paint.js',
  'sse-table-print.js',
  'sse-table-save.js',
];

type Coding = 'br' | 'gzip' | 'identity';

interface Asset {
  headers: Headers;
  hash: string;
  codings: Map<Coding, Buffer>;
}

export class StaticFiles {
  readonly #assets = new Map<string, Asset>();
  /** Settles when all is compressed; until then files are served as they are. */
  readonly compressed: Promise<void>;

  /** @param files content by name; `index.html` is also `/`. */
  constructor(files: ReadonlyMap<string, Buffer>) {
    for (const [name, content] of files) {
      const asset = createAsset(name, content);
      for (const path of pathsOf(name)) this.#assets.set(path, asset);
    }
    this.compressed = Promise.all(Array.from(new Set(this.#assets.values()), compress)).then(
      () => undefined,
    );
  }

  /** The paths there are, without their first slash. */
  get names(): string[] {
    return [...this.#assets.keys()];
  }

  /** Answers with a file named in `names`. */
  send(exchange: Answerable, name: string): void {
    const asset = this.#assets.get(name);
    if (asset === undefined) throw new TypeError(`there is no file "${name}"`);
    const { request, response } = exchange;
    const offers = [...asset.codings.keys()];
    const wanted = request.headers['accept-encoding'];
    const coding = wanted === undefined ? 'identity' : (prefer(wanted, offers) ?? 'identity');
    const body = asset.codings.get(coding) ?? Buffer.alloc(0);
    const etag = `"${asset.hash}${coding === 'identity' ? '' : `-${coding}`}"`;
    // Names bear no hash, so each use asks whether the file is still the same.
    const headers = {
      ...asset.headers,
      'Cache-Control': 'no-cache',
      ETag: etag,
      Vary: 'Accept-Encoding',
    };
    if (isNotModified(request.headers['if-none-match'], etag)) {
      sendEmpty(exchange, 304, headers);
      return;
    }
    writeHead(exchange, 200, {
      ...headers,
      ...(coding === 'identity' ? {} : { 'Content-Encoding': coding }),
      'Content-Length': String(body.length),
    });
    response.end(body);
  }
}

/** A page is found without `.html`, too, and an `index.html` by its folder: `/`, `/docs`. */
function pathsOf(name: string): string[] {
  return name.endsWith('.html') ? [name, name.replace(/(^|\/)index\.html$|\.html$/, '')] : [name];
}

function createAsset(name: string, content: Buffer): Asset {
  const extension = name.slice(name.lastIndexOf('.') + 1);
  const headers: Record<string, string> = {
    'Content-Type': CONTENT_TYPES[extension] ?? 'application/octet-stream',
  };
  if (extension === 'html') {
    headers['Content-Security-Policy'] = contentSecurityPolicy(content.toString());
    headers['X-Frame-Options'] = 'DENY';
  }
  if (PUBLIC_FILES.includes(name)) {
    headers['Access-Control-Allow-Origin'] = '*';
    headers['Cross-Origin-Resource-Policy'] = 'cross-origin';
  }
  return { headers, hash: sha256(content).slice(0, 22), codings: new Map([['identity', content]]) };
}

/** In the background, in zlib's own threads: the start must not wait for it. */
async function compress(asset: Asset): Promise<void> {
  const plain = asset.codings.get('identity');
  const extension = Object.entries(CONTENT_TYPES).find(
    ([, type]) => type === asset.headers['Content-Type'],
  )?.[0];
  if (plain === undefined || plain.length < MIN_COMPRESSED_BYTES) return;
  if (extension !== undefined && COMPRESSED.has(extension)) return;
  const [br, gz] = await Promise.all([promisify(brotliCompress)(plain), promisify(gzip)(plain)]);
  // Rebuilt, because the first offer wins among equals.
  asset.codings = new Map([
    ['br', br],
    ['gzip', gz],
    ['identity', plain],
  ]);
}

/** Nothing but the server's own files; inline scripts and styles of the page by their hash. */
function contentSecurityPolicy(html: string): string {
  const inline = (element: string): string =>
    Array.from(
      html.matchAll(new RegExp(`<${element}(?![^>]*\\ssrc=)[^>]*>([^]*?)</${element}>`, 'gi')),
      ([, text = '']) => ` 'sha256-${sha256(text, 'base64')}'`,
    ).join('');
  return [
    "default-src 'none'",
    `script-src 'self'${inline('script')}`,
    `style-src 'self'${inline('style')}`,
    "connect-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function sha256(content: Buffer | string, encoding: 'base64' | 'base64url' = 'base64url'): string {
  return createHash('sha256').update(content).digest(encoding);
}
