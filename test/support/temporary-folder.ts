import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Before a project's tests, vitest's global set-up: what they leave in the temporary folder goes with them. */
export default function setUp(): () => void {
  const { TMPDIR: before } = process.env;
  const folder = mkdtempSync(join(tmpdir(), 'essaim-test-'));
  // Icecast and some players give up root: what they read is in folders of their own in it.
  chmodSync(folder, 0o755);
  process.env['TMPDIR'] = folder;
  return () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    // What was killed may still write.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
}
