import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { UPLOAD_TEST_BYTES_MAX, UPLOAD_TEST_PATH } from '../edge/upload-test.ts';
import { errorText } from '../error.ts';
import type { Log } from '../log.ts';
import { rateText } from './amounts.ts';
import { readFileOrNull, replaceFile } from './durable-file.ts';

/** Of what was seen, so much is given by default: the rest is the household's. */
const SHARE = 0.5;
/** What is given where nothing could be measured: most lines have twice that. */
export const UNMEASURED_KBPS = 2_000;
/** More than a process can make use of. */
const GIVEN_MAX_KBPS = 50_000;
const REMEMBERED_MS = 86_400_000;
const TEST_MS_MAX = 2_000;
const TIMEOUT_MS = 10_000;
const PART_BYTES = 16_384;

const measuredSchema = z.object({ server: z.string(), kbps: z.number().positive(), atMs: z.number() });

/** How much of this machine's uplink a relay may use by default: measured once a day at most, for two seconds. */
export class Uplink {
  readonly #file: string;
  readonly #log: Log;

  constructor(folder: string, log: Log) {
    this.#file = join(folder, 'uplink.json');
    this.#log = log;
  }

  /** Half of what goes through to the station's server. Never throws. */
  async halfKbps(server: string): Promise<number> {
    const known = this.#known(server) ?? (await this.#measured(server));
    return known === null ? UNMEASURED_KBPS : givenOf(known);
  }

  #known(server: string): number | null {
    try {
      const text = readFileOrNull(this.#file);
      const measured = text === null ? null : measuredSchema.parse(JSON.parse(text));
      const ageMs = Date.now() - (measured?.atMs ?? Number.NaN);
      return measured?.server === server && ageMs >= 0 && ageMs < REMEMBERED_MS ? measured.kbps : null;
    } catch {
      return null;
    }
  }

  async #measured(server: string): Promise<number | null> {
    try {
      const kbps = await measureUplink(server);
      replaceFile(this.#file, `${JSON.stringify({ server, kbps, atMs: Date.now() })}\n`);
      this.#log.info(
        `the uplink was measured: ${rateText(kbps)}, of which ${rateText(givenOf(kbps))} are given (--upload says otherwise)`,
      );
      return kbps;
    } catch (error) {
      this.#log.info(
        { reason: errorText(error) },
        `the uplink cannot be measured: ${rateText(UNMEASURED_KBPS)} are given (--upload says otherwise)`,
      );
      return null;
    }
  }
}

const givenOf = (kbps: number): number => Math.min(GIVEN_MAX_KBPS, Math.floor(kbps * SHARE));

/** Sends random bytes for two seconds or 2 MB, whatever is first, and waits until they have arrived: kbit/s. */
async function measureUplink(server: string): Promise<number> {
  const part = randomBytes(PART_BYTES);
  const startedAt = performance.now();
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const isEnough =
        sent + PART_BYTES > UPLOAD_TEST_BYTES_MAX || performance.now() - startedAt > TEST_MS_MAX;
      if (isEnough) controller.close();
      else {
        sent += PART_BYTES;
        controller.enqueue(part);
      }
    },
  });
  // A body that is made while it is sent asks for `duplex`, which the types of browsers do not know.
  const request = {
    method: 'POST',
    body,
    duplex: 'half' as const,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  };
  const response = await fetch(`${server}${UPLOAD_TEST_PATH}`, request);
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`status ${response.status}`);
  return (sent * 8) / Math.max(1, performance.now() - startedAt);
}
