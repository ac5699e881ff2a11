import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ConfigError } from '../config/config-error.ts';
import { errorText } from '../error.ts';

/** `SQLITE_BUSY`: somebody else holds it. */
const BUSY = 5;
/** What nobody refers to would be collected, and the lock be gone. */
const held = new Set<DatabaseSync>();

/**
 * Keeps a second relay out of a state folder: two would have one key, and each would forget the other's bytes.
 *
 * The lock is the kernel's, on a file of the folder, and taken through SQLite, which knows how on every system. So it
 * ends with the process, however that ends, and there is nothing to clear away after a crash.
 * @returns how to let it go; the end of the process does it too.
 * @throws ConfigError if another process has it, or the folder cannot be used.
 */
export function lockState(folder: string): () => void {
  let database: DatabaseSync;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    database = new DatabaseSync(join(folder, 'lock'));
  } catch (error) {
    throw new ConfigError(`Cannot keep this relay's state in ${folder}: ${errorText(error)}`, {
      cause: error,
    });
  }
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw new ConfigError(
      isBusy(error)
        ? `Cannot start as another relay runs with the same state folder: current value is ${folder}\n` +
            'One is enough for a station. If a second one is meant, give it a folder of its own: --state DIR'
        : `Cannot lock this relay's state folder ${folder}: ${errorText(error)}`,
      { cause: error },
    );
  }
  held.add(database);
  return () => {
    held.delete(database);
    database.close();
  };
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === BUSY;
