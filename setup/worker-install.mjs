import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { ensurePackages, workerPackages } from './debian.mjs';
import { withLock } from './lock.mjs';
import { node24, root } from './paths.mjs';
import { CommandFailed, run } from './process.mjs';
import { say } from './report.mjs';
import { findWorker, workerFile, workerFolder } from './worker.mjs';
import { prepareWorkerSource } from './worker-source.mjs';

const packageFolder = join(root, 'node_modules', 'mediasoup');

/** Milliseconds for the download of a few megabytes; without a network it fails at once. */
const downloadMaxMs = 60_000;

/** Bytes that one compiler process may take. */
const compilerMemory = 700e6;

/**
 * Puts a verified worker at `workerFile()`: the package's prebuilt one, else one built from the package's sources
 * with the system's libraries.
 *
 * @param {(done: number, total: number) => void} onProgress compile steps
 */
export async function installWorker(onProgress) {
  const folder = workerFolder();
  await withLock(
    join(folder, 'lock'),
    () => say('waiting for another build of the mediasoup worker on this machine'),
    async () => {
      // Perhaps that other build just made it.
      if (findWorker() !== null || (await installPrebuilt())) return;
      await ensurePackages(workerPackages, 'build the mediasoup worker');
      await build(join(folder, 'build'), onProgress);
    },
  );
}

/** @returns {Promise<boolean>} whether there is a worker now */
async function installPrebuilt() {
  const downloaded = join(packageFolder, 'worker', 'out', 'Release', 'mediasoup-worker');
  say('looking for a prebuilt mediasoup worker');
  try {
    await run(node24, ['npm-scripts.mjs', 'postinstall'], {
      cwd: packageFolder,
      quiet: true,
      timeoutMs: downloadMaxMs,
      // Without Python the script stops where it would begin a build of its own.
      env: { PYTHON: 'false' },
    });
    await verifyAndPlace(downloaded);
    return true;
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return false;
  }
}

/**
 * Goes on where an interrupted build stopped. What each stage leaves gets its name only when it is whole.
 *
 * @param {string} folder
 * @param {(done: number, total: number) => void} onProgress
 */
async function build(folder, onProgress) {
  const source = join(folder, 'source');
  const out = join(folder, 'out');
  const configured = join(folder, 'configured');
  say('building the mediasoup worker with the system libraries (once, some minutes)');
  try {
    if (!existsSync(source)) {
      rmSync(folder, { recursive: true, force: true });
      prepareWorkerSource(packageFolder, `${source}.part`);
      renameSync(`${source}.part`, source);
    }
    if (!existsSync(configured)) {
      rmSync(out, { recursive: true, force: true });
      const options = [
        '--buildtype=release',
        '-Db_ndebug=true',
        '-Dms_use_builtin_bwe=true',
        '--wrap-mode=nodownload',
      ];
      await run('meson', ['setup', ...options, out, source], { quiet: true });
      writeFileSync(configured, '');
    }
    const jobs = Math.max(1, Math.min(availableParallelism(), Math.floor(totalmem() / compilerMemory)));
    await run('ninja', ['-C', out, '-j', String(jobs), 'mediasoup-worker'], {
      onLine: (line) => {
        const [, done, total] = /^\[(\d+)\/(\d+)\]/.exec(line) ?? [];
        if (done !== undefined && total !== undefined) onProgress(Number(done), Number(total));
      },
      env: { NINJA_STATUS: '[%f/%t] ' },
    });
    await verifyAndPlace(join(out, 'mediasoup-worker'));
  } catch (error) {
    // A failed build starts afresh next time; an interrupted one goes on.
    if (error instanceof CommandFailed) rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  rmSync(folder, { recursive: true, force: true });
}

/**
 * @param {string} built
 * @throws {CommandFailed} when no message passes through it
 */
async function verifyAndPlace(built) {
  await run(node24, [join(root, 'setup', 'worker-verify.mjs'), built], { quiet: true });
  const part = `${workerFile()}.part`;
  mkdirSync(workerFolder(), { recursive: true });
  copyFileSync(built, part);
  chmodSync(part, 0o755);
  renameSync(part, workerFile());
}
