import { boundedBytes } from '../bounded-bytes.ts';
import { errorText } from '../error.ts';
import type { Log } from '../log.ts';
import { LOGO_LENGTH_MAX, readLogo } from '../page/logo.ts';
import type { Logo } from '../page/logo.ts';
import { stationFile } from '../page/station-files.ts';

const TIMEOUT_MS = 5_000;

/** Somebody else's station's logo: what its description names by a hash, from wherever it can be had. */
export class FollowedLogo {
  readonly #stationId: string;
  readonly #log: Log;
  #wanted: string | null = null;
  #logo: Logo | null = null;

  constructor(stationId: string, log: Log) {
    this.#stationId = stationId;
    this.#log = log;
  }

  /** Null until the one that is wanted is here. */
  get logo(): Logo | null {
    return this.#logo?.file === this.#wanted ? this.#logo : null;
  }

  /** @param file its name in the station's description; null: there is none. */
  want(file: string | null): void {
    this.#wanted = file;
  }

  take(bytes: Uint8Array): void {
    try {
      this.#logo = readLogo(bytes);
    } catch (error) {
      this.#log.debug({ error: errorText(error) }, 'what came as a logo is none');
    }
  }

  /** Asks one server after the other until one has it. @param upstreams base addresses, no slash at the end. */
  async fetchFrom(upstreams: readonly string[]): Promise<void> {
    for (const upstream of upstreams) {
      if (this.#wanted === null || this.logo !== null) return;
      try {
        const response = await fetch(`${upstream}${stationFile(this.#stationId, this.#wanted)}`, {
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        if (response.ok) this.take(await boundedBytes(response, LOGO_LENGTH_MAX));
        else await response.body?.cancel();
      } catch (error) {
        this.#log.debug({ upstream, error: errorText(error) }, 'no logo from there');
      }
    }
  }
}
