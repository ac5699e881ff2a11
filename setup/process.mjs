import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root } from './paths.mjs';

/**
 * @typedef {object} RunOptions
 * @property {NodeJS.ProcessEnv} [env] added to our own environment
 * @property {string} [cwd] the repository's root by default
 * @property {boolean} [quiet] keep the output for the error message only
 * @property {(line: string) => void} [onLine] gets every line of output; implies `quiet`
 * @property {boolean} [uninterruptible] must not be stopped half-way: Ctrl-C waits for its end
 * @property {number} [timeoutMs] killed after this time
 */

/** Lines of output that are kept for an error message. */
const keptLinesMax = 25;

/** Milliseconds that a stopped command has to tidy up (npm alone would first end its downloads). */
const patienceMs = 1500;

/** Part of Debian's base system. */
const setpriv = '/usr/bin/setpriv';

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
const stopping = new AbortController();

/** A command that ended badly: `message` says which, with the end of what it printed. */
export class CommandFailed extends Error {
  /**
   * @param {string} message
   * @param {string} output all that was captured
   */
  constructor(message, output) {
    super(message);
    this.output = output;
  }
}

/** The user asked us to stop. */
export class Interrupted extends Error {}

/** Aborts, with an `Interrupted`, when we are asked to stop. */
export const stopSignal = stopping.signal;

/** Node 24 and the project's tools come first on the PATH of everything we start. */
export const path = [join(root, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(delimiter);

/**
 * Runs a command to its end.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<string>} what it printed (empty when that went to the terminal)
 * @throws {CommandFailed | Interrupted}
 */
export async function run(command, args, options = {}) {
  stopSignal.throwIfAborted();
  const captured = options.quiet === true || options.onLine !== undefined;
  const [file, ...fileArgs] =
    options.uninterruptible === true ? [command, ...args] : dyingWithUs(command, args);
  const child = spawn(file, fileArgs, {
    cwd: options.cwd ?? root,
    env: { ...process.env, PATH: path, ...options.env },
    // A group of its own: the terminal's Ctrl-C reaches only us, and we can stop it with all that it started.
    detached: true,
    stdio: ['ignore', captured ? 'pipe' : 'inherit', captured ? 'pipe' : 'inherit'],
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs, killSignal: 'SIGKILL' }),
  });
  if (options.uninterruptible !== true) children.add(child);
  /** @type {string[]} */
  const lines = [];
  const onLine = (/** @type {string} */ line) => {
    lines.push(line);
    if (options.onLine !== undefined && lines.length > keptLinesMax) lines.shift();
    options.onLine?.(line);
  };
  for (const stream of [child.stdout, child.stderr]) if (stream !== null) readLines(stream, onLine);
  const ended = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? null : (signal ?? `exit code ${code}`)));
  });
  children.delete(child);
  stopSignal.throwIfAborted();
  if (ended !== null) {
    const tail = lines.slice(-keptLinesMax).map((line) => `\n  ${line}`);
    throw new CommandFailed(
      `${[command, ...args].join(' ')} failed (${ended})${tail.join('')}`,
      lines.join('\n'),
    );
  }
  return lines.join('\n');
}

/** From now on a signal stops our children and, once they have ended, `run` throws `Interrupted`. */
export function stopOnSignals() {
  /** @type {readonly NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, () => interrupt(signal));
}

/** @param {string} cause ends the sentence "stopped by …" */
export function interrupt(cause) {
  if (stopping.signal.aborted) return;
  stopping.abort(new Interrupted(`stopped by ${cause}; start again to go on from here`));
  for (const child of children) killGroup(child, 'SIGTERM');
  setTimeout(() => {
    for (const child of children) killGroup(child, 'SIGKILL');
  }, patienceMs).unref();
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function killGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has just ended.
  }
}

/**
 * Lets the kernel kill the command when we are killed in a way that cannot be caught.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {[string, ...string[]]}
 */
function dyingWithUs(command, args) {
  return existsSync(setpriv) ? [setpriv, '--pdeathsig', 'KILL', command, ...args] : [command, ...args];
}

/**
 * @param {import('node:stream').Readable} stream
 * @param {(line: string) => void} onLine
 */
function readLines(stream, onLine) {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (/** @type {string} */ text) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}
