import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { replaceOnce } from '../../../setup/patch.mjs';
import { mesonBuildOf, standIns, wrapDirectory } from '../../../setup/stand-ins.mjs';
import { prepareWorkerSource } from '../../../setup/worker-source.mjs';

const mediasoupFolder = join(import.meta.dirname, '../../../node_modules/mediasoup');

test('a patch replaces its text, taken literally', () => {
  expect(replaceOnce('a == b', '== b', '& $& b', 'x.cpp')).toBe('a & $& b');
});

test('a patch whose text is not there stops the build and names the file', () => {
  expect(() => replaceOnce('something new', 'old', 'x', 'src/x.cpp')).toThrow(
    'Cannot patch src/x.cpp as the text to replace must occur exactly once: current value is 0 times ("old")',
  );
});

test('a patch whose text is there twice stops the build', () => {
  expect(() => replaceOnce('old old', 'old', 'x', 'x.cpp')).toThrow('current value is 2 times');
});

test('the folder of a stand-in is the one that its wrap file names', () => {
  expect(wrapDirectory('[wrap-file]\ndirectory = libuv-v1.51.0\nsource_url = x\n', 'libuv.wrap')).toBe(
    'libuv-v1.51.0',
  );
  expect(() => wrapDirectory('[wrap-file]\n', 'libuv.wrap')).toThrow('Cannot prepare libuv.wrap');
  expect(() => wrapDirectory('directory = ../../etc\n', 'x.wrap')).toThrow('Cannot prepare x.wrap');
});

test('a stand-in offers an empty library under every name that is linked whole', () => {
  for (const standIn of standIns) {
    const text = mesonBuildOf(standIn);
    expect(text).toContain(`${standIn.exports} = declare_dependency(`);
    for (const name of standIn.linkedWhole) expect(text).toContain(`\n${name} = static_library(`);
  }
});

test('the adaptations fit the mediasoup release that is installed', () => {
  const target = mkdtempSync(join(tmpdir(), 'essaim-worker-source-'));
  try {
    prepareWorkerSource(mediasoupFolder, target);
    const worker = readFileSync(join(target, 'meson.build'), 'utf8');
    for (const standIn of standIns) {
      for (const name of standIn.linkedWhole) expect(worker).toContain(`get_variable('${name}')`);
    }
    expect(readFileSync(join(target, 'src/RTC/DtlsTransport.cpp'), 'utf8')).toContain('& BIO_CB_RETURN');
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
});
