import { expect, test } from 'vitest';
import { staleDependencies } from '../../../setup/dependencies.mjs';

const lock = {
  '': { version: '0.1.0' },
  'node_modules/ws': { version: '8.23.0', integrity: 'sha512-a' },
  'node_modules/fsevents': { version: '2.3.3', optional: true },
};

function lockFile(packages: Record<string, object>): string {
  return JSON.stringify({ lockfileVersion: 3, packages });
}

test('an installation that holds every locked version is not stale', () => {
  const installed = { 'node_modules/ws': lock['node_modules/ws'] };
  expect(staleDependencies(lockFile(lock), lockFile(installed))).toEqual([]);
});

test('a package that is missing makes the installation stale', () => {
  expect(staleDependencies(lockFile(lock), lockFile({}))).toEqual(['node_modules/ws']);
});

test.each([
  { title: 'another version', there: { version: '8.22.0', integrity: 'sha512-a' } },
  { title: 'other contents', there: { version: '8.23.0', integrity: 'sha512-b' } },
])('$title makes the installation stale', ({ there }) => {
  expect(staleDependencies(lockFile(lock), lockFile({ 'node_modules/ws': there }))).toEqual([
    'node_modules/ws',
  ]);
});

test('an optional package in another version makes the installation stale', () => {
  const installed = {
    'node_modules/ws': lock['node_modules/ws'],
    'node_modules/fsevents': { version: '1.0.0' },
  };
  expect(staleDependencies(lockFile(lock), lockFile(installed))).toEqual(['node_modules/fsevents']);
});
