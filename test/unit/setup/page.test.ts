import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { contentHash } from '../../../setup/page.mjs';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'essaim-page-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test('the page is rebuilt for a changed byte, not for a changed time or order', () => {
  const [a, b] = [file('a.ts', 'one'), file('b.ts', 'two')];
  const before = contentHash(folder, [a, b]);
  utimesSync(a, 1, 1);
  expect(contentHash(folder, [b, a])).toBe(before);
  file('a.ts', 'One');
  expect(contentHash(folder, [a, b])).not.toBe(before);
});

test('the page is rebuilt when a file is renamed or text moves from one file to the next', () => {
  const before = contentHash(folder, [file('a.ts', 'one'), file('b.ts', 'two')]);
  expect(contentHash(folder, [file('a.ts', 'onet'), file('b.ts', 'wo')])).not.toBe(before);
  expect(contentHash(folder, [file('a.ts', 'one'), file('c.ts', 'two')])).not.toBe(before);
});
