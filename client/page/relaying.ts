import { connectionFacts, decideRelaying, onConnectionChange } from '../player-controls/relay-policy.ts';
import type { RelayDecision } from '../player-controls/relay-policy.ts';
import type { RelayMeter } from '../player-controls/relay-meter.ts';
import { savePreference } from '../player-controls/preferences.ts';
import type { Preferences } from '../player-controls/preferences.ts';
import type { PageSettings } from './page-data.ts';

type Wishes = Pick<Preferences, 'relay' | 'uploadCapKbps' | 'ceilingBytes' | 'relayOnCellular'>;

/** What the listener lets us pass on, and the decision that follows at every moment. */
export class Relaying {
  readonly #meter: RelayMeter;
  readonly #settings: PageSettings;
  readonly #onDecision: (decision: RelayDecision) => void;
  readonly #closing = new AbortController();
  #wishes: Wishes;
  #decision: RelayDecision;

  constructor(
    preferences: Preferences,
    settings: PageSettings,
    meter: RelayMeter,
    onDecision: (decision: RelayDecision) => void,
  ) {
    this.#wishes = preferences;
    this.#settings = settings;
    this.#meter = meter;
    this.#onDecision = onDecision;
    this.#decision = this.#decide();
    onConnectionChange(() => this.review(), this.#closing.signal);
  }

  /** The question is open: the station asks, and the listener has not said. */
  get isOpen(): boolean {
    return this.#settings.askToRelay && this.#wishes.relay === null;
  }

  get relays(): boolean {
    return this.#wishes.relay ?? this.#settings.relayByDefault;
  }

  get decision(): RelayDecision {
    return this.#decision;
  }

  get uploadCapKbps(): number {
    return this.#wishes.uploadCapKbps ?? this.#settings.uploadCapKbps;
  }

  get ceilingBytes(): number | null {
    return this.#wishes.ceilingBytes;
  }

  get relayOnCellular(): boolean {
    return this.#wishes.relayOnCellular;
  }

  get monthBytes(): number {
    return this.#meter.monthBytes;
  }

  /** The network is not looked at any more. */
  close(): void {
    this.#closing.abort();
  }

  choose(wishes: Partial<Wishes>): void {
    this.#wishes = { ...this.#wishes, ...wishes };
    if (wishes.relay !== undefined) savePreference('relay', wishes.relay);
    if (wishes.uploadCapKbps !== undefined) savePreference('uploadCapKbps', wishes.uploadCapKbps);
    if (wishes.ceilingBytes !== undefined) savePreference('ceilingBytes', wishes.ceilingBytes);
    if (wishes.relayOnCellular !== undefined) savePreference('relayOnCellular', wishes.relayOnCellular);
    this.review();
  }

  /** @param sentBytes to peers since the sound began. */
  count(sentBytes: number): void {
    this.#meter.count(sentBytes);
    this.review();
  }

  /** The network, or the month's count, may have changed. */
  review(): void {
    const before = this.#decision;
    this.#decision = this.#decide();
    const { peersAllowed, uploadCapKbps, rest } = this.#decision;
    const isSame =
      before.peersAllowed === peersAllowed && before.uploadCapKbps === uploadCapKbps && before.rest === rest;
    if (!isSame) this.#onDecision(this.#decision);
  }

  #decide(): RelayDecision {
    return decideRelaying({
      relay: this.relays,
      uploadCapKbps: this.uploadCapKbps,
      relayOnCellular: this.relayOnCellular,
      ceilingBytes: this.ceilingBytes,
      relayedThisMonthBytes: this.monthBytes,
      connection: connectionFacts(),
    });
  }
}
