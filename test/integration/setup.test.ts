import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

interface Ended {
  readonly code: number | string | null;
  readonly output: string;
}

function node(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? null), output: stdout + stderr });
    });
  });
}

test('a second set-up has nothing to do', async () => {
  const first = await node('setup/setup.mjs');
  expect(first.code, first.output).toBe(0);
  expect(await node('setup/setup.mjs')).toEqual({ code: 0, output: 'setup: nothing to do\n' });
});

test('a purpose that does not exist is refused with the ones that do', async () => {
  expect(await node('setup/setup.mjs', '--for=fun')).toEqual({
    code: 1,
    output: 'setup: Cannot set up as --for must be one of start, relay, test, all: current value is fun\n',
  });
});

test('a file that is no worker does not pass the verification', async () => {
  expect((await node('setup/worker-verify.mjs', '/bin/true')).code).not.toBe(0);
});

let results = '';
beforeEach(() => {
  results = mkdtempSync(join(tmpdir(), 'essaim-results-'));
});
afterEach(() => {
  rmSync(results, { recursive: true, force: true });
});

function report(name: string, passed: number, failed: number, brokenFiles: number): void {
  const broken = Array.from({ length: brokenFiles }, () => ({ status: 'failed', assertionResults: [] }));
  mkdirSync(results, { recursive: true });
  writeFileSync(
    join(results, name),
    JSON.stringify({ numPassedTests: passed, numFailedTests: failed, testResults: broken }),
  );
}

test("CI's last line adds up the reports", async () => {
  report('unit.json', 10, 0, 0);
  report('browser.json', 5, 0, 0);
  expect(await node('.ci/sum.mjs', '0', results)).toEqual({ code: 0, output: '15 passed, 0 failed\n' });
});

test('CI counts a failed test and a test file that cannot be loaded', async () => {
  report('unit.json', 10, 1, 1);
  expect(await node('.ci/sum.mjs', '1', results)).toEqual({ code: 1, output: '10 passed, 2 failed\n' });
});

test('CI is red when something else than a test failed', async () => {
  report('unit.json', 10, 0, 0);
  const ended = await node('.ci/sum.mjs', '2', results);
  expect(ended.code).toBe(1);
  expect(ended.output).toContain('exit code 2');
});

test('CI is red when no test ran', async () => {
  expect(await node('.ci/sum.mjs', '0', results)).toEqual({
    code: 1,
    output: 'no test ran\n0 passed, 0 failed\n',
  });
});
