import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cacheFolder } from '../../../setup/paths.mjs';
import { findWorker, workerFile } from '../../../setup/worker.mjs';

let cache = '';
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'essaim-cache-'));
});
afterEach(() => {
  rmSync(cache, { recursive: true, force: true });
});

/** A program that ends as the worker does when it is started without a version. */
function placeProgram(path: string, exitCode: number): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\nexit ${exitCode}\n`);
  chmodSync(path, 0o755);
}

test('an empty cache has no worker', () => {
  expect(findWorker({ XDG_CACHE_HOME: cache })).toBeNull();
});

test('the worker in the cache is found', () => {
  const env = { XDG_CACHE_HOME: cache };
  placeProgram(workerFile(env), 41);
  expect(findWorker(env)).toBe(workerFile(env));
  expect(workerFile(env).startsWith(join(cache, 'essaim', 'mediasoup-worker', '3.'))).toBe(true);
});

test('a worker that no longer starts, as after a system upgrade, is not found', () => {
  const env = { XDG_CACHE_HOME: cache };
  placeProgram(workerFile(env), 127);
  expect(findWorker(env)).toBeNull();
});

test('MEDIASOUP_WORKER_BIN goes before the cache', () => {
  const own = join(cache, 'own-worker');
  placeProgram(own, 41);
  placeProgram(workerFile({ XDG_CACHE_HOME: cache }), 41);
  expect(findWorker({ XDG_CACHE_HOME: cache, MEDIASOUP_WORKER_BIN: own })).toBe(own);
});

test('a MEDIASOUP_WORKER_BIN that is no worker is an error, not a silent other choice', () => {
  expect(() => findWorker({ XDG_CACHE_HOME: cache, MEDIASOUP_WORKER_BIN: '/nowhere' })).toThrow(
    'Cannot use MEDIASOUP_WORKER_BIN as it must name a mediasoup-worker that runs here: current value is /nowhere',
  );
});

test('a relative XDG_CACHE_HOME is ignored, as its specification says', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: 'relative' })).toBe(cacheFolder({}));
});
