import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';

/** One file of the built page, in memory. */
export interface SiteFile {
  readonly body: Buffer<ArrayBuffer>;
  readonly contentType: string;
  readonly etag: string;
  /** Its name holds a hash of what is in it, so it never changes. */
  readonly isImmutable: boolean;
  /** A smaller form, made when it is first asked for; null where compressing does not help. */
  compressed(encoding: ContentEncoding): Promise<Buffer<ArrayBuffer>> | null;
}

export type ContentEncoding = 'br' | 'gzip';

export interface SiteFiles {
  /** `path`: as in the address, e.g. `/assets/page-1a2b3c4d.js`. Only what the build made can be found. */
  find(path: string): SiteFile | null;
  /** `index.html`'s text; null: the page has not been built. */
  index(): string | null;
  /** Another page's text, e.g. of `embed.html`. */
  page(name: string): string | null;
}

/** The built page is a few small files: more or larger ones are something else. */
const FILES_MAX = 500;
const FILE_LENGTH_MAX = 8 * 1024 * 1024;
const INDEX = 'index.html';
/** The build begins with the first and ends with the others. */
const TELLING = [INDEX, 'widget.js', 'service-worker.js'];

/** Reads the folder again when a new build has replaced what tells of one. */
export function siteFiles(folder: string): SiteFiles {
  let builtAt = '';
  let files: ReadonlyMap<string, SiteFile> = new Map();
  const refresh = (): void => {
    const times = TELLING.map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs);
    if (times.join() === builtAt) return;
    builtAt = times.join();
    files = times[0] === undefined ? new Map() : readFolder(folder);
  };
  return {
    find(path) {
      refresh();
      return files.get(path) ?? null;
    },
    index() {
      return this.page(INDEX);
    },
    page(name) {
      refresh();
      return files.get(`/${name}`)?.body.toString('utf8') ?? null;
    },
  };
}

function readFolder(folder: string): ReadonlyMap<string, SiteFile> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => statSync(file).size <= FILE_LENGTH_MAX);
  return new Map(
    entries.slice(0, FILES_MAX).map((file) => {
      const path = `/${relative(folder, file).split(sep).join('/')}`;
      return [path, siteFile(path, readFileSync(file))];
    }),
  );
}

function siteFile(path: string, body: Buffer<ArrayBuffer>): SiteFile {
  const contentType = CONTENT_TYPES.get(extname(path)) ?? 'application/octet-stream';
  const isText = !/^(?:image\/(?!svg)|font\/|audio\/|application\/octet)/.test(contentType);
  return {
    body,
    contentType,
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    isImmutable: /^\/assets\/.+-[\w-]{8}\.\w+$/.test(path),
    compressed: isText ? compressing(body) : () => null,
  };
}

const COMPRESSORS = { br: promisify(brotliCompress), gzip: promisify(gzip) } as const;

/** By other threads: all files at once took this one 2 s and more, in which nothing was sent to anybody. */
function compressing(body: Buffer<ArrayBuffer>): SiteFile['compressed'] {
  const made = new Map<ContentEncoding, Promise<Buffer<ArrayBuffer>>>();
  return (encoding) => {
    const before = made.get(encoding);
    if (before !== undefined) return before;
    const compressed = COMPRESSORS[encoding](body);
    made.set(encoding, compressed);
    return compressed;
  };
}

const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json'],
  ['.webmanifest', 'application/manifest+json'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.webp', 'image/webp'],
  ['.woff2', 'font/woff2'],
  ['.txt', 'text/plain; charset=utf-8'],
  ['.wasm', 'application/wasm'],
]);
