import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const UNIT = join(ROOT, 'server', 'relay', 'essaim-relay.service');

const analyze = (...args: readonly string[]) => spawnSync('systemd-analyze', args, { encoding: 'utf8' });

/** systemd looks whether commands are there, so it is shown this clone in the place of /opt/essaim. */
describe('the systemd unit of a relay', () => {
  let folder = '';
  let copy = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'essaim-unit-'));
    copy = join(folder, 'essaim-relay.service');
    writeFileSync(copy, readFileSync(UNIT, 'utf8').replaceAll('/opt/essaim', ROOT));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('is one that systemd finds nothing wrong with', () => {
    const { status, stdout, stderr } = analyze('verify', copy);
    expect([status, stdout, stderr]).toEqual([0, '', '']);
  });

  it('leaves a relay little that it could harm the machine with', () => {
    const { stdout } = analyze('security', '--offline=true', copy);
    const [, level] = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout) ?? [];
    // systemd's own scale: 10 is a service that may do everything, 2 and less is well closed.
    expect(Number(level)).toBeLessThanOrEqual(2);
  });
});
