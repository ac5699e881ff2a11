import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { errorText } from '../error.ts';
import type { Log } from '../log.ts';
import { NO_USAGE } from './budget.ts';
import type { Usage } from './budget.ts';
import { readFileOrNull, replaceFile } from './durable-file.ts';

/** A crash loses the count of so much time at most. */
export const SAVE_EVERY_MS = 15_000;

const count = z.number().nonnegative();
const usageSchema = z.object({
  month: z.string().regex(/^(\d{4}-\d{2})?$/),
  monthBytes: count,
  day: z.string().regex(/^(\d{4}-\d{2}-\d{2})?$/),
  dayBytes: count,
  totalBytes: count,
});

/** Keeps the count of what was sent in `usage.json` of the state folder. */
export class UsageStore {
  readonly #file: string;
  readonly #log: Log;
  #saved: Usage = NO_USAGE;
  #savedAt = Number.NEGATIVE_INFINITY;

  constructor(folder: string, log: Log) {
    this.#file = join(folder, 'usage.json');
    this.#log = log;
  }

  /** What cannot be read is put aside and said aloud: a relay that does not start would help nobody. */
  read(): Usage {
    const text = readFileOrNull(this.#file);
    if (text === null) return NO_USAGE;
    try {
      this.#saved = usageSchema.parse(JSON.parse(text));
    } catch (error) {
      renameSync(this.#file, `${this.#file}.unreadable`);
      this.#log.warn(
        { file: this.#file, error: errorText(error) },
        'cannot read what was sent this month: counting begins anew, and the old file is kept beside it',
      );
    }
    return this.#saved;
  }

  /** @param nowMs any clock that goes forward */
  keep(usage: Usage, nowMs: number): void {
    if (nowMs - this.#savedAt < SAVE_EVERY_MS) return;
    this.#savedAt = nowMs;
    this.save(usage);
  }

  /** A full disk is told, and lived with. */
  save(usage: Usage): void {
    if (usage.totalBytes === this.#saved.totalBytes && usage.month === this.#saved.month) return;
    try {
      replaceFile(this.#file, `${JSON.stringify(usage)}\n`);
      this.#saved = usage;
    } catch (error) {
      this.#log.error({ file: this.#file, error: errorText(error) }, 'cannot save what was sent this month');
    }
  }
}
