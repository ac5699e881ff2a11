/**
 * The player element that `widget.js` defines. For TypeScript: save this file beside your sources, or reference it.
 *
 *     const player = document.querySelector('essaim-player');
 *     player?.addEventListener('trackchange', () => console.log(player.track.title));
 */
export interface EssaimPlayerElement extends HTMLElement {
  /** The station's name in addresses (`station`). */
  station: string;
  /** The station's public key (`key`): nothing is played that it has not signed. */
  key: string;
  /** `auto` follows the page's `color-scheme` (`theme`). */
  theme: EssaimTheme;
  /** One line high (`compact`). */
  compact: boolean;
  /** `fr`, `en`; empty: what the browser prefers (`language`). */
  language: string;
  /** `off`: nobody is asked, nothing is passed on (`relay`). */
  relay: 'ask' | 'off';
  /** The server's address, where it is not the one that `widget.js` came from (`server`). */
  server: string;

  readonly status: EssaimStatus;
  /** Empty until it is known. */
  readonly stationName: string;
  readonly track: EssaimTrack;
  /** 0 to 1. */
  volume: number;
  muted: boolean;

  /**
   * Starts the sound; call it in a click. Whether the listener relays is the listener's choice alone: the one made
   * before on this site, otherwise just listening. What becomes of it is told by `statuschange`.
   */
  play(): void;
  stop(): void;

  addEventListener<Name extends keyof EssaimPlayerEvents>(
    name: Name,
    listener: (this: EssaimPlayerElement, event: EssaimPlayerEvents[Name]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    name: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

export type EssaimTheme = 'auto' | 'light' | 'dark';

export interface EssaimTrack {
  readonly title: string;
  readonly artist: string;
}

export interface EssaimPlayerEvents {
  statuschange: CustomEvent<EssaimStatus>;
  trackchange: CustomEvent<EssaimTrack>;
  volumechange: CustomEvent<{ readonly volume: number; readonly muted: boolean }>;
}

export type EssaimStatus =
  /** The station is being asked for. */
  | 'loading'
  | 'idle'
  | 'connecting'
  | 'playing'
  | 'paused'
  /** The sound has run out and is being fetched. */
  | 'buffering'
  /** The station sends nothing. */
  | 'silent'
  /** The station does not answer, or there is no network: it is tried again. */
  | 'unreachable'
  | 'offline'
  /** The browser wants another click. */
  | 'blocked'
  /** The browser cannot play the station's signed sound. */
  | 'unsupported'
  /** Another tab plays this station: the listener may take the sound over. */
  | 'elsewhere'
  /** There is no `key`. */
  | 'keyless'
  /** The station has another key, or its sound is not signed by it. */
  | 'untrusted'
  /** The station has not listed this site. */
  | 'refused'
  /** There is no such station. */
  | 'unknown';

declare global {
  interface HTMLElementTagNameMap {
    'essaim-player': EssaimPlayerElement;
  }
}
