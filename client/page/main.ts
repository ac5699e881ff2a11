import './without-eval.ts';
import type { Chunk } from '../../shared/chunk/chunk.ts';
import { bindMediaKeys, showInMediaSession, showPlaybackState } from '../playback/media-session.ts';
import { Player } from '../playback/player.ts';
import type { TrackTitle } from '../playback/track-title.ts';
import type { MountDescription } from '../../shared/station/description.ts';
import { loadListener, openPageListener } from './open-listener.ts';
import { parsePageData } from './page-data.ts';
import type { PageData } from './page-data.ts';
import { loadPreferences, saveMount, saveRelay, saveVolume } from './preferences.ts';
import { sourceLine } from './source-line.ts';
import { chooseStrings } from '../strings/strings.ts';
import type { Strings } from '../strings/strings.ts';
import { View } from './view.ts';

const SOURCE_LINE_EVERY_MS = 1000;

const strings = chooseStrings(navigator.languages);
const view = new View(strings);
const data = parsePageData(document.getElementById('essaim-station')?.textContent ?? '');
if (data === null) view.showBroken();
else void run(data, strings, view);

async function run(data: PageData, strings: Strings, view: View): Promise<void> {
  const { station, settings } = data;
  const preferences = loadPreferences();
  let { relay } = preferences;
  let mount = station.mounts.find(({ path }) => path === preferences.mount) ?? station.mounts[0];
  const onChunk = await debugRecorder(() => player);
  const player: Player = new Player({
    audio: view.audio,
    station,
    playoutDelayMs: settings.playoutDelayMs,
    peersAllowed: relay,
    openListener: (request) => openPageListener(data, request),
    onStatus: (status) => {
      view.showStatus(status);
      showPlaybackState(status === 'idle' ? 'none' : 'playing');
      showSource();
    },
    onTitle: (track) => showTitle(track),
    onChunk,
  });

  const showSource = (): void =>
    view.showSource(player.status === 'playing' ? sourceLine(player.snapshot(), relay, strings) : '');
  const showTitle = (track: TrackTitle): void => {
    view.showTitle(track, station.name);
    showInMediaSession(station.name, track);
  };
  const listen = (): void => {
    if (mount !== undefined) player.start(mount);
  };

  view.showStation(station, mount);
  view.showPreferences(preferences.volume, relay);
  view.audio.volume = preferences.volume;
  showTitle(titleOf(mount));
  view.bind({
    onListen: listen,
    onStop: () => player.stop(),
    onVolume: (volume) => {
      view.audio.volume = volume;
      saveVolume(volume);
    },
    onRelay: (allowed) => {
      relay = allowed;
      saveRelay(allowed);
      player.setPeersAllowed(allowed);
      showSource();
    },
    onMount: (path) => {
      mount = station.mounts.find((each) => each.path === path) ?? mount;
      saveMount(path);
      if (player.status !== 'idle') listen();
    },
  });
  bindMediaKeys({ play: listen, stop: () => player.stop() });
  setInterval(showSource, SOURCE_LINE_EVERY_MS);
  whenIdle(() => {
    loadListener().catch(() => {
      // The click asks for it again, and what it cannot have is told.
    });
  });
}

const titleOf = (mount: MountDescription | undefined): TrackTitle => ({
  title: mount?.title ?? '',
  artist: mount?.artist ?? '',
  album: mount?.album ?? '',
  artworkUrl: mount?.artworkUrl ?? '',
  show: mount?.show ?? '',
});

/** `?debug` in the page's address shows what plays to tests and the curious (see `debug.ts`). */
async function debugRecorder(player: () => Player): Promise<((chunk: Chunk) => void) | undefined> {
  if (!new URLSearchParams(location.search).has('debug')) return undefined;
  const { DebugHandle } = await import('./debug.ts');
  const handle = new DebugHandle(player);
  Object.defineProperty(globalThis, 'essaimDebug', { value: handle });
  return (chunk) => handle.record(chunk);
}

function whenIdle(run: () => void): void {
  if ('requestIdleCallback' in globalThis) requestIdleCallback(run, { timeout: 2000 });
  else setTimeout(run, 200);
}
