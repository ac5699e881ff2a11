import { fork, spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { cacheFolder, root } from './paths.mjs';

// The types of what the server uses stand in worker.d.mts.

/** Raise it when the adaptations of worker-source.mjs change what is built. */
const recipe = 1;

/** What the worker exits with when it starts well but is told no version (see its main.cpp). */
const startsWellExitCode = 41;

/** @type {Map<string, boolean>} */
const checked = new Map();

/**
 * Where this machine's worker is, or will be: `<cache>/mediasoup-worker/<version>-<system>-<architecture>/`.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string}
 */
export function workerFolder(env) {
  const kind = [mediasoupVersion(), platform(), arch(), systemRelease(), `r${recipe}`].join('-');
  return join(cacheFolder(env), 'mediasoup-worker', kind);
}

/**
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string}
 */
export function workerFile(env) {
  return join(workerFolder(env), 'mediasoup-worker');
}

/**
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | null}
 */
export function findWorker(env = process.env) {
  const given = env['MEDIASOUP_WORKER_BIN'];
  if (given !== undefined && given !== '') {
    if (startsWell(given)) return given;
    throw new Error(
      `Cannot use MEDIASOUP_WORKER_BIN as it must name a mediasoup-worker that runs here: current value is ${given}`,
    );
  }
  // Only what passed worker-verify.mjs is ever moved to that name; a system upgrade may have broken it since.
  const cached = workerFile(env);
  return startsWell(cached) ? cached : null;
}

/**
 * @param {import('./worker.d.mts').WorkerBuildEvents} events
 * @returns {import('./worker.d.mts').WorkerBuild}
 */
export function startWorkerBuild({ onProgress, onLine }) {
  const child = fork(join(root, 'setup', 'worker-build.mjs'), ['--background'], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
  });
  let reason = 'the build ended without a word';
  child.on('message', (/** @type {import('./worker-build.mjs').Message} */ message) => {
    if (message.kind === 'progress') onProgress(message.done, message.total);
    else reason = message.reason;
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8');
    stream?.on('data', (/** @type {string} */ text) => {
      for (const line of text.split('\n')) if (line.trim() !== '') onLine(line.trim());
    });
  }
  return {
    finished: new Promise((resolve) => {
      child.once('error', (error) => resolve({ kind: 'impossible', reason: error.message }));
      child.once('close', (code) => {
        const path = code === 0 ? findWorker() : null;
        resolve(path === null ? { kind: 'impossible', reason } : { kind: 'ready', path });
      });
    }),
    stop: () => {
      child.kill('SIGTERM');
    },
  };
}

/**
 * @param {string} file
 * @returns {boolean}
 */
function startsWell(file) {
  if (checked.get(file) === true) return true;
  try {
    accessSync(file, constants.X_OK);
  } catch {
    return false;
  }
  const good = spawnSync(file, [], { env: {}, stdio: 'ignore' }).status === startsWellExitCode;
  checked.set(file, good);
  return good;
}

function mediasoupVersion() {
  /** @type {{ version?: unknown }} */
  const described = JSON.parse(readFileSync(join(root, 'node_modules', 'mediasoup', 'package.json'), 'utf8'));
  return String(described.version);
}

/** A worker is linked to the system's libraries: another release of the system needs another worker. */
function systemRelease() {
  try {
    const text = readFileSync('/etc/os-release', 'utf8');
    const field = (/** @type {string} */ name) =>
      new RegExp(`^${name}="?([\\w.]+)"?$`, 'm').exec(text)?.[1] ?? '';
    return `${field('ID')}${field('VERSION_ID')}`;
  } catch {
    return 'other';
  }
}
