import { fileURLToPath } from 'node:url';
import type { EngineSnapshot } from '../../shared/swarm/engine-io.ts';
import { launchBrowser } from '../support/browser.ts';
import { openListeningPage } from '../support/listening-page.ts';
import { startTestServer } from '../support/server.ts';
import { startNodeListeners } from '../support/swarm-node-listeners.ts';
import { pollUntil } from '../support/swarm-poll.ts';

/**
 * Takes the README's picture of the page, `.readme/page.png`: a real server with the demo's sound, listeners who have
 * little upload of their own, and a browser that takes from some and gives to others.
 */
const PICTURE = fileURLToPath(new URL('../../.readme/page.png', import.meta.url));
const LISTENERS_BEFORE = 6;
const LISTENERS_AFTER = 4;
/** About a copy each: they need what the page can give. */
const UPLOAD_KBPS = 150;
/** So many others have a part in the picture, in both directions. */
const GIVERS_MIN = 2;
const TAKERS_MIN = 3;
const SHARE_MIN = 0.6;
const SETTLED_MS_MAX = 120_000;

const server = await startTestServer({
  config: {
    stations: [
      {
        id: 'ressac',
        name: 'Radio Ressac',
        description: 'Songs and voices from the coast, day and night.',
        mounts: [{ path: '/live.mp3', sources: ['demo'] }],
      },
    ],
    webrtc: { enabled: false },
  },
});
const others = startNodeListeners(`${server.url}/api/stations/ressac`, '/live.mp3', UPLOAD_KBPS);
const browser = await launchBrowser('chromium', { languages: 'en-GB,en' });
try {
  await others.add(LISTENERS_BEFORE);
  const listening = await openListeningPage(browser, 'chromium', `${server.url}/?debug`);
  const { page } = listening;
  await page.setViewport({ width: 1280, height: 820, deviceScaleFactor: 1.5 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }]);
  await listening.click();
  await listening.until('sound', ({ status }) => status === 'playing');
  await others.add(LISTENERS_AFTER);
  await page.mouse.move(1, 1);
  await pollUntil(
    'the page takes and gives',
    SETTLED_MS_MAX,
    () => page.evaluate(takesPart, GIVERS_MIN, TAKERS_MIN, SHARE_MIN),
    () => page.$eval('#source', ({ textContent }) => textContent ?? ''),
  );
  await page.screenshot({ path: PICTURE });
} finally {
  await browser.close();
  await others.stop();
  await server.stop();
}

function takesPart(giversMin: number, takersMin: number, shareMin: number): boolean {
  const debug: unknown = Reflect.get(globalThis, 'essaimDebug');
  if (typeof debug !== 'object' || debug === null) return false;
  const snapshot: EngineSnapshot | null = Reflect.apply(Reflect.get(debug, 'snapshot'), debug, []);
  const { neighbours = [], counters } = snapshot ?? {};
  const fromPeers = counters?.chunkBytesFromPeers ?? 0;
  return (
    neighbours.filter(({ parentOf }) => parentOf.length > 0).length >= giversMin &&
    neighbours.filter(({ childOf }) => childOf.length > 0).length >= takersMin &&
    fromPeers >= shareMin * (fromPeers + (counters?.chunkBytesFromEdges ?? 0))
  );
}
