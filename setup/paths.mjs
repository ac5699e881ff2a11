import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Headers that the worker build puts in place of libraries that Debian lacks. */
export const nativeFolder = join(root, 'setup', 'native');

/**
 * The user's cache folder for this program (XDG base directory specification).
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string}
 */
export function cacheFolder(env = process.env) {
  const base = env['XDG_CACHE_HOME'];
  // The specification says to ignore a relative path.
  return join(base?.startsWith('/') ? base : join(homedir(), '.cache'), 'essaim');
}

/** The project's own Node 24, once the npm packages are installed. */
export const node24 = join(root, 'node_modules', '.bin', 'node');

/** Held while something is written into this clone. */
export const cloneLock = join(
  cacheFolder(),
  'locks',
  `${createHash('sha256').update(root).digest('hex').slice(0, 16)}.lock`,
);
