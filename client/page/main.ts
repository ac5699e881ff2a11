import './without-eval.ts';
import type { Chunk } from '../../shared/chunk/chunk.ts';
import type { Player } from '../playback/player.ts';
import { readText } from '../player-controls/preferences.ts';
import { loadStrings } from '../widget/languages.ts';
import { showBroken } from './listen-page.ts';
import { listenTo } from './listening.ts';
import { loadListener } from './open-listener.ts';
import { parsePageData } from './page-data.ts';

const chosen = readText('essaim.language');
void start();

async function start(): Promise<void> {
  const data = parsePageData(document.getElementById('essaim-station')?.textContent ?? '');
  const strings = await loadStrings([...(chosen === null ? [] : [chosen]), ...navigator.languages]);
  if (data === null) return showBroken(strings);
  let player: Player | null = null;
  const onChunk = await debugRecorder(() => player);
  player = listenTo(data, strings, onChunk);
  whenIdle(() => {
    loadListener()
      .catch(() => {
        // The click asks for it again, and what it cannot have is told.
      })
      .then(keepCopy)
      .catch(() => {
        // A private window may keep nothing: the page is as good without.
      });
  });
}

/** `?debug` in the page's address shows what plays to tests and the curious (see `debug.ts`). */
async function debugRecorder(player: () => Player | null): Promise<((chunk: Chunk) => void) | undefined> {
  if (!new URLSearchParams(location.search).has('debug')) return undefined;
  const { DebugHandle } = await import('./debug.ts');
  const handle = new DebugHandle(player);
  Object.defineProperty(globalThis, 'essaimDebug', { value: handle });
  return (chunk) => handle.record(chunk);
}

/** With what has been loaded by then. Only over https, or on this machine, is there anything to keep it. */
async function keepCopy(): Promise<void> {
  if ('serviceWorker' in navigator) await (await import('./kept-copy.ts')).keepCopy();
}

function whenIdle(run: () => void): void {
  if ('requestIdleCallback' in globalThis) requestIdleCallback(run, { timeout: 2000 });
  else setTimeout(run, 200);
}
