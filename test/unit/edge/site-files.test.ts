import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { siteFiles } from '../../../server/page/site-files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'essaim-site-'));
  writeFileSync(join(folder, 'index.html'), '<p>');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('a file is compressed once, when it is asked for, while everything else goes on', async () => {
  const text = Array.from({ length: 60_000 }, (_, index) => `${(index * 2_654_435_761) % 4_294_967_296}`);
  const body = Buffer.from(text.join(' '));
  writeFileSync(join(folder, 'large.js'), body);
  const file = siteFiles(folder).find('/large.js');
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  const brotli = await file?.compressed('br');
  clearInterval(timer);
  // It takes hundreds of milliseconds, in another thread.
  expect(turns).toBeGreaterThan(1);
  expect(brotliDecompressSync(brotli ?? '').equals(body)).toBe(true);
  expect(await file?.compressed('br')).toBe(brotli);
  expect(gunzipSync((await file?.compressed('gzip')) ?? '').equals(body)).toBe(true);
});

test('a picture is sent as it is', () => {
  writeFileSync(join(folder, 'cover.png'), 'png');
  expect(siteFiles(folder).find('/cover.png')?.compressed('br')).toBeNull();
});
