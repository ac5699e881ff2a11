import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const setupFolder = join(import.meta.dirname, '../../setup');

let folder = '';
const started: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'essaim-setup-'));
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** A process that uses set-up's modules as set-up does. */
function start(script: string): { readonly child: ChildProcess; readonly nextLine: () => Promise<string> } {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, nextLine: async () => String((await lines.next()).value) };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const imports = `
  import { run, stopOnSignals } from '${setupFolder}/process.mjs';
  import { withLock } from '${setupFolder}/lock.mjs';
`;

const longStep = `${imports}
  stopOnSignals();
  try {
    await run('sh', ['-c', 'trap "" TERM; sleep 1000 & echo $!; wait; wait'], { onLine: console.log });
  } catch (error) {
    console.log(error.constructor.name);
  }
`;

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'after %s nothing runs on, not even a stubborn grandchild, and set-up says so',
  async (signal) => {
    const { child, nextLine } = start(longStep);
    const grandchild = Number(await nextLine());
    expect(isAlive(grandchild)).toBe(true);
    child.kill(signal);
    expect(await nextLine()).toBe('Interrupted');
    await vi.waitFor(() => expect(isAlive(grandchild)).toBe(false), { timeout: 5000 });
  },
);

test('a step that must not be cut ends before an interrupted set-up does', async () => {
  const { child, nextLine } = start(`${imports}
    stopOnSignals();
    const script = 'echo begun; while [ ! -e ${folder}/go ]; do sleep 0.05; done; echo whole';
    await run('sh', ['-c', script], { onLine: console.log, uninterruptible: true }).catch(() => console.log('left'));
  `);
  expect(await nextLine()).toBe('begun');
  child.kill('SIGINT');
  spawn('touch', [join(folder, 'go')]);
  expect(await nextLine()).toBe('whole');
  expect(await nextLine()).toBe('left');
});

const holder = (name: string): string => `${imports}
  stopOnSignals();
  await withLock('${folder}/lock', () => console.log('${name} waits'), async () => {
    console.log('${name} holds');
    await new Promise((resolve) => setTimeout(resolve, 600_000));
  }).catch(() => process.exit(130));
`;

test('the second one waits for the lock, and gets it when the first is killed', async () => {
  const first = start(holder('first'));
  expect(await first.nextLine()).toBe('first holds');
  const second = start(holder('second'));
  expect(await second.nextLine()).toBe('second waits');
  first.child.kill('SIGKILL');
  expect(await second.nextLine()).toBe('second holds');
});

test('a set-up that is interrupted while it waits for the lock ends', async () => {
  const first = start(holder('first'));
  expect(await first.nextLine()).toBe('first holds');
  const second = start(holder('second'));
  expect(await second.nextLine()).toBe('second waits');
  const ended = once(second.child, 'exit');
  second.child.kill('SIGINT');
  expect((await ended)[0]).toBe(130);
});
