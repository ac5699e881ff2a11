import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, waitInPage } from '../support/browser.ts';
import { encodeTone } from '../support/encoded-sound.ts';
import { freePort } from '../support/icecast.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { pumpSound } from '../support/sound-pump.ts';

/** A partner's page with the player that the web uses for HLS; it comes from another origin than the sound. */
const PAGE = `<!doctype html><title>HLS</title><button>Play</button><audio></audio><script src="/hls.js"></script>
<script>
  document.querySelector('button').onclick = () => {
    const audio = document.querySelector('audio');
    const hls = new Hls();
    globalThis.errors = [];
    hls.on(Hls.Events.ERROR, (_, data) => errors.push(data.type + ' ' + data.details));
    hls.loadSource(new URLSearchParams(location.search).get('url'));
    hls.attachMedia(audio);
    audio.play();
  };
</script>`;
const LIBRARY = readFileSync(fileURLToPath(import.meta.resolve('hls.js/dist/hls.min.js')));

describe('hls.js in Chromium', () => {
  let browser: Browser;
  let site: Server;
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    site = createServer((request, response) => {
      const isLibrary = request.url === '/hls.js';
      response.setHeader('Content-Type', isLibrary ? 'text/javascript' : 'text/html');
      response.end(isLibrary ? LIBRARY : PAGE);
    });
    await new Promise<void>((resolve) => {
      site.listen(port, '127.0.0.1', resolve);
    });
    browser = await launchBrowser('chromium');
  });
  afterAll(async () => {
    await browser.close();
    await new Promise((resolve) => {
      site.close(resolve);
    });
  });

  it.each(['mp3', 'aac', 'opus', 'flac'] as const)('plays a mount of %s without an error', async (codec) => {
    const mounts = [{ path: `/live.${codec}`, sources: ['demo'] }];
    const server = await startScriptedServer({
      config: { webrtc: { enabled: false }, stations: [{ id: 'radio', name: 'Radio', mounts }] },
    });
    const stop = pumpSound(server, encodeTone(codec, 12, 440));
    const page = await browser.newPage();
    try {
      const url = `${server.url}/hls/live.${codec}/live.m3u8`;
      await page.goto(`http://127.0.0.1:${port}/?url=${encodeURIComponent(url)}`);
      await page.click('button');
      await waitInPage(page, 'four seconds have been played', () => {
        const audio = document.querySelector('audio');
        const [start = 0, time = 0] = [
          audio?.played.length === 0 ? 0 : audio?.played.start(0),
          audio?.currentTime,
        ];
        return time - start > 4;
      });
      expect(await page.evaluate(() => Reflect.get(globalThis, 'errors'))).toEqual([]);
    } finally {
      await page.close();
      stop();
      await server.stop();
    }
  });
});
