import type { Chunk } from '../../shared/chunk/chunk.ts';
import { artworkAddress } from '../../shared/station/artwork-address.ts';
import { bindMediaKeys, showInMediaSession, showPlaybackState } from '../playback/media-session.ts';
import { isPlayableHere, Player } from '../playback/player.ts';
import type { PlayerStatus } from '../playback/player.ts';
import type { TrackTitle } from '../playback/track-title.ts';
import { canPause } from '../player-controls/play-buttons.ts';
import { loadPreferences, readText, savePreference, writeText } from '../player-controls/preferences.ts';
import { QualityChoice } from '../player-controls/quality-choice.ts';
import { RelayMeter } from '../player-controls/relay-meter.ts';
import { connectionFacts } from '../player-controls/relay-policy.ts';
import { SleepTimer } from '../player-controls/sleep-timer.ts';
import { sourceLine } from '../player-controls/source-line.ts';
import { TitleHistory } from '../player-controls/title-history.ts';
import type { Volume } from '../player-controls/volume-control.ts';
import { loadStrings } from '../widget/languages.ts';
import type { Strings } from '../strings/strings.ts';
import { ListenPage } from './listen-page.ts';
import { openPageListener } from './open-listener.ts';
import type { PageData } from './page-data.ts';
import type { PageSound } from './page-sound.ts';
import { Relaying } from './relaying.ts';

/** What the page shows of the swarm is looked at this often. */
const LOOK_EVERY_MS = 1000;

/** Ties the page to the sound: what the person does goes to the player, what becomes of the sound to the page. */
export function listenTo(
  data: PageData,
  firstStrings: Strings,
  onChunk: ((chunk: Chunk) => void) | undefined,
): Player {
  const { station, settings } = data;
  const preferences = loadPreferences();
  const history = new TitleHistory();
  const playable = station.mounts.filter(isPlayableHere);
  const quality = new QualityChoice(
    playable.length > 0 ? playable : station.mounts,
    connectionFacts().savesData,
    performance.now(),
  );
  let strings = firstStrings;
  let chosenPath = station.mounts.some(({ path }) => path === preferences.mount) ? preferences.mount : null;
  let volume: Volume = { level: preferences.volume, isMuted: preferences.isMuted };
  let fade = 1;

  const relaying = new Relaying(
    preferences,
    settings,
    new RelayMeter({ read: readText, write: writeText }),
    ({ peersAllowed, uploadCapKbps }) => {
      player.setPeersAllowed(peersAllowed);
      player.setUploadCap(uploadCapKbps);
      page.showRelaying();
      look();
    },
  );
  const mountNow = () => station.mounts.find(({ path }) => path === chosenPath) ?? quality.mount;
  const listen = (): void => {
    const mount = mountNow();
    if (player.status === 'paused') player.resume();
    else if (mount !== undefined && !canPause(player.status)) player.start(mount);
  };
  const switchMount = (): void => {
    const mount = mountNow();
    if (mount !== undefined && canPause(player.status)) player.start(mount);
  };
  const applyVolume = (): void => {
    page.audio.volume = volume.level * fade;
    page.audio.muted = volume.isMuted;
  };
  const sleep = new SleepTimer({
    onFade: (factor) => {
      fade = factor;
      applyVolume();
    },
    onEnd: () => player.stop(),
    onLeft: (minutes) => page.sheets.showSleepLeft(minutes),
  });
  const page: ListenPage = new ListenPage(strings, data, relaying, {
    onListen: (relay) => {
      if (relay !== null) relaying.choose({ relay });
      listen();
      page.showRelaying();
    },
    onPause: () => player.pause(),
    onBackToLive: () => {
      player.backToLive();
      page.showHeld(player.heldMs);
    },
    onVolume: (next) => {
      volume = next;
      savePreference('volume', next.level);
      savePreference('isMuted', next.isMuted);
      applyVolume();
    },
    onRelay: (relay) => relaying.choose({ relay }),
    onMount: (path) => {
      chosenPath = path;
      page.sheets.showMount(path);
      savePreference('mount', path);
      switchMount();
    },
    onSleep: (minutes) => sleep.set(minutes),
    onLanguage: (language) => {
      savePreference('language', language);
      void speak(language);
    },
  });
  /** A language that cannot be had now leaves the words as they are. */
  const speak = async (language: string): Promise<void> => {
    try {
      strings = await loadStrings([language]);
    } catch {
      return;
    }
    page.setStrings(strings);
    look();
  };
  const pictureOf = ({ artworkUrl }: TrackTitle): string => {
    const address = artworkAddress(station.id, artworkUrl);
    return address && `.${address}`;
  };
  const showTrack = (track: TrackTitle): void => {
    const picture = pictureOf(track);
    page.now.showTrack(track, picture);
    document.title = track.title === '' ? station.name : `${track.title} · ${station.name}`;
    showInMediaSession(station.name, track, picture);
    history.add(track, new Date());
    page.sheets.showTitles(history.titles);
  };
  const { decision } = relaying;
  const player: Player = new Player({
    audio: page.audio,
    station,
    playoutDelayMs: settings.playoutDelayMs,
    peersAllowed: decision.peersAllowed,
    uploadCapKbps: decision.uploadCapKbps,
    openListener: (request) => openPageListener(data, request),
    onStatus: (status) => {
      page.showStatus(status);
      showPlaybackState(PLAYBACK_STATES[status]);
      noteQuality(status);
      void keepAlone(canPause(status));
      look();
    },
    onTitle: showTrack,
    onChunk,
    onFlow: (flow) => page.swarm.flow(flow),
  });
  let sound: Promise<PageSound> | null = null;
  /** A browser that cannot have this plays all the same. */
  const keepAlone = async (isActive: boolean): Promise<void> => {
    sound ??= import('./page-sound.ts').then(
      (module) => new module.PageSound(station.publicKey, () => player.stop()),
    );
    await sound.then((known) => known.show(isActive)).catch(() => undefined);
  };
  const noteQuality = (status: PlayerStatus): void => {
    if (status === 'buffering') quality.onStall(performance.now());
    else if (status === 'playing') quality.onPlaying(performance.now());
  };
  const look = (): void => {
    const isSounding = player.status === 'playing';
    const snapshot = player.snapshot();
    page.showSource(isSounding ? sourceLine(snapshot, relaying.decision.peersAllowed, strings) : '');
    page.swarm.show(snapshot, isSounding);
    page.showHeld(player.heldMs);
    if (snapshot !== null)
      relaying.count(snapshot.counters.chunkBytesToPeers + snapshot.counters.controlBytesSent);
    if (canPause(player.status) && quality.review(performance.now()) && chosenPath === null) switchMount();
  };

  const first = mountNow();
  page.volume.show(volume);
  page.sheets.showMount(chosenPath);
  applyVolume();
  document.title = station.name;
  if (first !== undefined) {
    const { title, artist, album, artworkUrl, show } = first;
    const track = { title, artist, album, artworkUrl, show };
    page.now.showTrack(track, pictureOf(track));
  }
  bindMediaKeys({ play: listen, pause: () => player.pause(), stop: () => player.stop() });
  setInterval(look, LOOK_EVERY_MS);
  look();
  return player;
}

const PLAYBACK_STATES: Readonly<Record<PlayerStatus, MediaSessionPlaybackState>> = {
  idle: 'none',
  connecting: 'playing',
  playing: 'playing',
  paused: 'paused',
  buffering: 'playing',
  silent: 'playing',
  unreachable: 'playing',
  offline: 'playing',
  blocked: 'none',
  unsupported: 'none',
};
