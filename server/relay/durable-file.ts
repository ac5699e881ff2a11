import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorCode } from '../error.ts';

/** Replaces a file whole or not at all, so that neither a crash nor a lost supply leaves half of it. Mode 0600. */
export function replaceFile(file: string, text: string): void {
  const draft = join(dirname(file), `.${process.pid}.draft`);
  const descriptor = openSync(draft, 'w', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(draft, file);
}

/** Null if there is no such file. */
export function readFileOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
