import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { stopSignal } from './process.mjs';

/** Milliseconds of waiting after which the user is told why: on a busy machine the helper itself takes a while. */
const silentWaitMs = 1_500;

/**
 * Runs `work` while holding the lock file, alone on this machine. The kernel keeps the lock (flock, through a
 * helper that lives as long as our pipe to it), so a holder that dies in whatever way never leaves it behind.
 *
 * @template T
 * @param {string} file
 * @param {() => void} onWait called once when somebody else holds it
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, onWait, work) {
  mkdirSync(dirname(file), { recursive: true });
  // Its own session, so that Ctrl-C in a terminal does not free the lock while our children are still ending.
  const holder = spawn('flock', [file, '--command', 'echo held; exec cat'], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const waiting = setTimeout(onWait, silentWaitMs);
  const giveUp = () => holder.kill('SIGKILL');
  stopSignal.addEventListener('abort', giveUp);
  const ended = new Promise((resolve) => {
    holder.once('error', resolve);
    holder.once('close', resolve);
  });
  try {
    // Where there is no flock (not a Debian) this ends at once, and we go on unlocked.
    await Promise.race([new Promise((resolve) => holder.stdout.once('data', resolve)), ended]);
    clearTimeout(waiting);
    stopSignal.removeEventListener('abort', giveUp);
    stopSignal.throwIfAborted();
    return await work();
  } finally {
    clearTimeout(waiting);
    stopSignal.removeEventListener('abort', giveUp);
    holder.stdin.destroy();
    await ended;
  }
}
