import { existsSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { node24, root } from './paths.mjs';
import { run } from './process.mjs';
import { say } from './report.mjs';

/** npm writes this file last of all: while it is missing, an installation was begun and not ended. */
const installedFile = join(root, 'node_modules', '.package-lock.json');

/** @returns {boolean} whether `node_modules` holds what `package-lock.json` asks for */
export function dependenciesInstalled() {
  if (!existsSync(installedFile) || !existsSync(node24)) return false;
  const wanted = readFileSync(join(root, 'package-lock.json'), 'utf8');
  return staleDependencies(wanted, readFileSync(installedFile, 'utf8')).length === 0;
}

/** Installs the npm packages from scratch. */
export async function installDependencies() {
  say('installing npm packages (npm ci)');
  // Removing the folder takes npm a while; without this, a stop meanwhile could leave a tree that looks whole.
  rmSync(installedFile, { force: true });
  // Its warnings are about Node 20, which runs none of these packages: Node 24 is one of them.
  await run('npm', ['ci', '--loglevel=error'], {
    env: {
      // npm removes the Node 24 of an earlier installation while it runs: it must not stand on it.
      PATH: pathOutside(join(root, 'node_modules'), process.env['PATH'] ?? ''),
      // mediasoup's own install script downloads or builds a worker, and fails the whole installation when it
      // can't; told of a worker it does nothing. (Newer npm also obeys allowScripts in package.json.)
      MEDIASOUP_WORKER_BIN: process.env['MEDIASOUP_WORKER_BIN'] ?? 'see-setup',
    },
  });
}

/**
 * Which packages of a lock file are not installed in just that version.
 *
 * @param {string} lockText `package-lock.json`
 * @param {string} installedText `node_modules/.package-lock.json`, npm's own record in the same format
 * @returns {string[]} their paths
 */
export function staleDependencies(lockText, installedText) {
  const installed = packagesOf(installedText);
  return Object.entries(packagesOf(lockText))
    .filter(([path, wanted]) => {
      const there = installed[path];
      if (path === '') return false;
      // npm leaves out optional packages for other systems.
      if (there === undefined) return wanted.optional !== true && wanted.devOptional !== true;
      return there.version !== wanted.version || there.integrity !== wanted.integrity;
    })
    .map(([path]) => path);
}

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean }} LockedPackage
 *
 * @param {string} text
 * @returns {Record<string, LockedPackage>}
 */
function packagesOf(text) {
  /** @type {{ packages?: Record<string, LockedPackage> }} */
  const parsed = JSON.parse(text);
  return parsed.packages ?? {};
}

/**
 * @param {string} folder
 * @param {string} path
 * @returns {string} the PATH without entries below `folder`
 */
function pathOutside(folder, path) {
  return path
    .split(delimiter)
    .filter((entry) => !entry.startsWith(folder))
    .join(delimiter);
}
