import type { SeedOffer } from '../../shared/tracker/messages.ts';
import type { OpenSeedTransport, SeedTransport } from './environment.ts';

export interface SeedHolderOptions {
  readonly load: (() => Promise<OpenSeedTransport>) | null;
  readonly onConnect: (transportId: string, dtlsParameters: unknown) => void;
  readonly onState: (state: 'open' | 'failed', reason: string) => void;
  readonly onMessage: (data: Uint8Array) => void;
}

/** Holds the one seed transport that the engine asks for; its code is loaded for the first. */
export class SeedHolder {
  readonly #options: SeedHolderOptions;
  #wanted: SeedOffer | null = null;
  #held: SeedTransport | null = null;

  constructor(options: SeedHolderOptions) {
    this.#options = options;
  }

  /** A transport is open, or being opened. */
  get isHeld(): boolean {
    return this.#wanted !== null;
  }

  /** A relay feeds it, not the tracker's own edge. */
  get isOfRelay(): boolean {
    return this.#wanted?.ofRelay === true;
  }

  /** Exactly this one, in place of another; null for none. */
  hold(offer: SeedOffer | null): void {
    this.close();
    this.#wanted = offer;
    if (offer !== null) void this.#open(offer);
  }

  close(): void {
    this.#wanted = null;
    this.#held?.close();
    this.#held = null;
  }

  async #open(offer: SeedOffer): Promise<void> {
    const { load, onConnect, onMessage, onState } = this.#options;
    const current = (): boolean => this.#wanted === offer;
    let open: OpenSeedTransport | null;
    try {
      open = load === null ? null : await load();
    } catch (error) {
      if (current())
        onState('failed', `code not loaded: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    // Not within `hold`, as the engine must have its outputs performed before it hears of them.
    await Promise.resolve();
    if (!current()) return;
    if (open === null) {
      onState('failed', 'no WebRTC here');
      return;
    }
    this.#held = open(offer, {
      onConnect: (dtlsParameters) => {
        if (current()) onConnect(offer.transport.id, dtlsParameters);
      },
      onOpen: () => {
        if (current()) onState('open', '');
      },
      onMessage: (data) => {
        if (current()) onMessage(data);
      },
      onFailed: (reason) => {
        if (!current()) return;
        this.#held = null;
        onState('failed', reason);
      },
    });
  }
}
