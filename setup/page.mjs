import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root } from './paths.mjs';
import { run } from './process.mjs';
import { say } from './report.mjs';

const pageFolder = join(root, 'dist', 'client');
const stampFile = join(root, 'dist', 'client.sha256');

/** Everything that decides what the built page is. */
const sources = ['client', 'shared', 'package-lock.json', 'tsconfig.json'];

/** `client/` has a page once it has one of these. */
const pageMarks = ['vite.config.ts', 'index.html'];

/** @returns {boolean} whether the page that was built last is still what the sources say */
export function pageBuilt() {
  // Nothing to build yet: the server says so itself when asked for a page.
  if (!pageMarks.some((name) => existsSync(join(root, 'client', name)))) return true;
  return (
    existsSync(pageFolder) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === currentStamp()
  );
}

/** Builds the pages into `dist/client`. */
export async function buildPage() {
  say('building the page');
  rmSync(stampFile, { force: true });
  const stamp = currentStamp();
  await run('vite', ['build', 'client', '--logLevel', 'warn']);
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, stamp);
}

function currentStamp() {
  return contentHash(
    root,
    sources.flatMap((name) => filesUnder(join(root, name))),
  );
}

/**
 * A hash over the files' names and contents, so that a checkout that only changes times rebuilds nothing.
 *
 * @param {string} base
 * @param {readonly string[]} files
 * @returns {string}
 */
export function contentHash(base, files) {
  const hash = createHash('sha256');
  for (const file of files.toSorted()) {
    const content = readFileSync(file);
    hash.update(`${relative(base, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/**
 * @param {string} path a file or a folder
 * @returns {string[]}
 */
function filesUnder(path) {
  if (!existsSync(path)) return [];
  try {
    return readdirSync(path, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return [path];
    throw error;
  }
}
