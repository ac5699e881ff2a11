import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { epoch } from '../../shared/units.ts';
import type { Epoch, UnixMillis } from '../../shared/units.ts';
import { errorCode } from '../error.ts';

const lastEpochSchema = z.object({ lastEpoch: z.number().int().nonnegative() });

/**
 * Gives each epoch a number greater than every one before, also when the clock steps back and over restarts: the
 * last one is kept in a small file. A file that cannot be read or written is reported and lived without.
 */
export class EpochClock {
  readonly #file: string;
  readonly #now: () => UnixMillis;
  readonly #warn: (error: unknown) => void;
  #last: number;

  constructor(file: string, now: () => UnixMillis, warn: (error: unknown) => void) {
    this.#file = file;
    this.#now = now;
    this.#warn = warn;
    this.#last = this.#read();
  }

  next(): Epoch {
    this.#last = Math.max(Math.floor(this.#now()), this.#last + 1);
    this.#write();
    return epoch(this.#last);
  }

  #read(): number {
    try {
      return lastEpochSchema.parse(JSON.parse(readFileSync(this.#file, 'utf8'))).lastEpoch;
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') this.#warn(error);
      return 0;
    }
  }

  #write(): void {
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      writeFileSync(`${this.#file}.draft`, `${JSON.stringify({ lastEpoch: this.#last })}\n`);
      renameSync(`${this.#file}.draft`, this.#file);
    } catch (error) {
      this.#warn(error);
    }
  }
}
