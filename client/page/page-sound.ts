import { claimSoundForPage } from '../playback/sole-player.ts';
import type { SoundClaim } from '../playback/sole-player.ts';

/** Where the browser has no locks for us. */
const NO_CLAIM: SoundClaim = { release: () => undefined };

/** Keeps this tab and a widget of the same site from both playing the station: a file of its own, loaded with the sound. */
export class PageSound {
  readonly #station: string;
  readonly #onTaken: () => void;
  #claim: Promise<SoundClaim> | null = null;

  /** @param station its public key, by which widgets name it too. */
  constructor(station: string, onTaken: () => void) {
    this.#station = station;
    this.#onTaken = onTaken;
  }

  /** @param isActive sound plays here, or is on its way. */
  show(isActive: boolean): void {
    if (isActive === (this.#claim !== null)) return;
    const claim = this.#claim;
    this.#claim = isActive ? claimSoundForPage(this.#station, this.#onTaken).catch(() => NO_CLAIM) : null;
    void claim?.then((held) => held.release());
  }
}
