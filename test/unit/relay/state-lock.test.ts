import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from '../../../server/config/config-error.ts';
import { lockState } from '../../../server/relay/state-lock.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'essaim-relay-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('the lock of a state folder', () => {
  it('is one relay’s until that one lets it go', () => {
    const state = join(folder, 'deep', 'state');
    const unlock = lockState(state);
    expect(() => lockState(state)).toThrow(ConfigError);
    expect(() => lockState(state)).toThrow(/another relay runs with the same state folder: .*state/);
    unlock();
    lockState(state)();
  });

  it('is not to be had where there can be no folder, and the reason is told', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => lockState(join(file, 'state'))).toThrow(/Cannot keep this relay's state in .*ENOTDIR/);
    mkdirSync(join(folder, 'lock'));
    expect(() => lockState(folder)).toThrow(/Cannot (keep|lock) this relay's state/);
  });
});
