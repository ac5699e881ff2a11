import '../page/without-eval.ts';
import type { Verifier } from '../listener/environment.ts';
import { browserEnvironment } from '../listener/browser-environment.ts';
import { counted } from '../listener/counted.ts';
import { createListener } from '../listener/listener.ts';
import { pageDataSchema } from '../page/page-data.ts';
import { Relaying } from '../page/relaying.ts';
import { bindMediaKeys, showInMediaSession, showPlaybackState } from '../playback/media-session.ts';
import { Player } from '../playback/player.ts';
import type { PlayerStatus } from '../playback/player.ts';
import type { TrackTitle } from '../playback/track-title.ts';
import { loadPreferences, readText, writeText } from '../player-controls/preferences.ts';
import { RelayMeter } from '../player-controls/relay-meter.ts';
import { restWords } from '../player-controls/relay-switch.ts';
import { sourceLine } from '../player-controls/source-line.ts';
import type { Strings } from '../strings/strings.ts';

export interface EngineOptions {
  /** As the server said it; read here. */
  readonly data: unknown;
  /** The key of the partner's page: the one that is trusted. */
  readonly key: string;
  /** The partner's site, where we are in a frame on it; null: our page's own origin says it. */
  readonly site: string | null;
  readonly audio: HTMLAudioElement;
  readonly relay: boolean;
  readonly onStatus: (status: PlayerStatus) => void;
  readonly onTitle: (track: TrackTitle) => void;
  /** Not one chunk bears the key's signature. */
  readonly onForgery: () => void;
}

/** All that plays, loaded when somebody wants to listen. */
export interface Engine {
  start(): void;
  stop(): void;
  setRelay(relay: boolean): void;
  sourceLine(strings: Strings): string;
}

/** What is passed on is added up this often. */
const COUNT_EVERY_MS = 1000;

/** So many signatures in a row are wrong, and none has been right: it is not one bad neighbour. */
const FORGERIES_MAX = 8;

/** Null if the server's answer is not one that we understand. */
export function createEngine(options: EngineOptions): Engine | null {
  const parsed = pageDataSchema.safeParse(options.data);
  if (!parsed.success || parsed.data.station.publicKey !== options.key) return null;
  const { station, settings } = parsed.data;
  const [mount] = station.mounts;
  if (mount === undefined) return null;
  // What this site's storage remembers, and the device's network, decide here as on the station's page.
  const relaying = new Relaying(
    { ...loadPreferences(), relay: options.relay },
    settings,
    new RelayMeter({ read: readText, write: writeText }),
    ({ peersAllowed, uploadCapKbps }) => {
      player.setPeersAllowed(peersAllowed);
      player.setUploadCap(uploadCapKbps);
    },
  );
  const { decision } = relaying;
  let counting: ReturnType<typeof setInterval> | null = null;
  const end = (): void => {
    if (counting !== null) clearInterval(counting);
    relaying.close();
    player.stop();
  };
  const player: Player = new Player({
    audio: options.audio,
    station,
    playoutDelayMs: settings.playoutDelayMs,
    peersAllowed: decision.peersAllowed,
    uploadCapKbps: decision.uploadCapKbps,
    // The plain stream bears no signature.
    plainAllowed: false,
    openListener: (request) =>
      Promise.resolve(
        createListener({
          station,
          mount: request.mount,
          publicKey: options.key,
          participation: 'relay',
          uploadCapKbps: request.uploadCapKbps,
          peersAllowed: request.peersAllowed,
          playoutDelayMs: settings.playoutDelayMs,
          sink: request.sink,
          environment: {
            ...counted(browserEnvironment, request.mount.id, options.site),
            createVerifier: (key) => watched(browserEnvironment.createVerifier(key), options.onForgery),
          },
        }),
      ),
    onStatus: (status) => {
      // Paused from outside (headphones pulled out): a widget has nothing to hold the sound with.
      if (status === 'paused') return player.stop();
      showPlaybackState(status === 'idle' ? 'none' : 'playing');
      options.onStatus(status);
    },
    onTitle: (track) => {
      showInMediaSession(station.name, track);
      options.onTitle(track);
    },
  });
  return {
    start: () => {
      bindMediaKeys({
        play: () => player.start(mount),
        pause: () => player.stop(),
        stop: () => player.stop(),
      });
      player.start(mount);
      counting ??= setInterval(() => {
        const counters = player.snapshot()?.counters;
        if (counters !== undefined) relaying.count(counters.chunkBytesToPeers + counters.controlBytesSent);
      }, COUNT_EVERY_MS);
    },
    stop: end,
    setRelay: (relay) => relaying.choose({ relay }),
    sourceLine: (strings) => {
      const { peersAllowed, rest } = relaying.decision;
      return rest === null ? sourceLine(player.snapshot(), peersAllowed, strings) : restWords(rest, strings);
    },
  };
}

/** Counts what the verifier finds, until a signature has been right. */
function watched(verify: Verifier, onForgery: () => void): Verifier {
  let forgeries = 0;
  let isProven = false;
  return async (message, signature) => {
    const isGenuine = await verify(message, signature);
    isProven ||= isGenuine;
    if (!isGenuine && !isProven && ++forgeries === FORGERIES_MAX) onForgery();
    return isGenuine;
  };
}
