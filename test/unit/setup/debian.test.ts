import { expect, test } from 'vitest';
import { missingMessage, missingPackages } from '../../../setup/debian.mjs';

test('a package is missing unless dpkg says installed', () => {
  const listing = 'meson installed\ng++ not-installed\nlibuv1-dev config-files\nninja-build unpacked';
  expect(missingPackages(['meson', 'g++', 'libuv1-dev', 'ninja-build', 'libssl-dev'], listing)).toEqual([
    'g++',
    'libuv1-dev',
    'ninja-build',
    'libssl-dev',
  ]);
});

test('where there is no dpkg every package is missing', () => {
  expect(missingPackages(['ffmpeg'], 'dpkg-query: not found')).toEqual(['ffmpeg']);
});

test('who is not root gets the exact command', () => {
  const message = missingMessage(['ffmpeg', 'icecast2'], 'run the tests');
  expect(message).toContain('Cannot run the tests as ');
  expect(message).toContain('\n  sudo apt-get install --no-install-recommends ffmpeg icecast2\n');
});
