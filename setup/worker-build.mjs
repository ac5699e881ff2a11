// Puts a mediasoup worker into the user's cache folder: node setup/worker-build.mjs [--background]
// `--background` is for the server: lowest priority, and it ends with the process that forked it.
import { setPriority } from 'node:os';
import { Interrupted, interrupt, run, stopOnSignals } from './process.mjs';
import { complain, say, showProgress } from './report.mjs';
import { findWorker, workerFile } from './worker.mjs';
import { installWorker } from './worker-install.mjs';

/**
 * What the parent gets.
 *
 * @typedef {{ kind: 'progress', done: number, total: number } | { kind: 'failed', reason: string }} Message
 */

const lowestPriority = 19;

stopOnSignals();
if (process.argv.includes('--background')) await stepBack();
try {
  if (findWorker() === null) await installWorker(onProgress);
  say(`the mediasoup worker is ${findWorker() ?? workerFile()}`);
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  tell({ kind: 'failed', reason });
  complain(reason);
  process.exitCode = error instanceof Interrupted ? 130 : 1;
}
if (process.connected) process.disconnect();

async function stepBack() {
  setPriority(lowestPriority);
  process.on('disconnect', () => interrupt('the end of the server'));
  // Also of the disk; where that tool is missing, the processor's priority has to do.
  await run('ionice', ['--class', 'idle', '--pid', String(process.pid)], { quiet: true }).catch(
    () => undefined,
  );
}

/**
 * @param {number} done
 * @param {number} total
 */
function onProgress(done, total) {
  if (process.connected) tell({ kind: 'progress', done, total });
  else showProgress('building the mediasoup worker', done, total);
}

/** @param {Message} message */
function tell(message) {
  if (process.connected) process.send?.(message);
}
