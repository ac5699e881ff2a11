import { fileURLToPath } from 'node:url';
import { fr } from '../../client/strings/fr.ts';
import { elementSnippet } from '../../shared/embed/snippet.ts';
import { launchBrowser } from '../support/browser.ts';
import { blogBody, BLOG_CSS, startPartnerSite } from '../support/partner-site.ts';
import { startTestServer } from '../support/server.ts';
import { openWidgetPage } from '../support/widget-page.ts';

/**
 * Takes the README's picture of the widget on a foreign site, `.readme/widget.png`: a real server, a blog at another
 * address, and a few browsers that listen and relay. Run it by `npm run pictures`.
 */
const PICTURE = fileURLToPath(new URL('../../.readme/widget.png', import.meta.url));
const LISTENERS = 4;
const NAME = 'Radio Ressac';

const server = await startTestServer({
  config: {
    stations: [{ id: 'ressac', name: NAME, mounts: [{ path: '/live.mp3', sources: ['demo'] }] }],
    webrtc: { enabled: false },
  },
});
const site = await startPartnerSite();
const browser = await launchBrowser('chromium', { languages: 'fr-FR,fr', manyTabs: true });
try {
  const publicKey = server.stations[0]?.publicKeyText ?? '';
  const snippet = elementSnippet({
    publicUrl: server.url,
    station: { id: 'ressac', name: NAME, publicKey },
  });
  site.put('/', { body: blogBody(snippet), css: BLOG_CSS });
  const widgets = [];
  for (let listener = 0; listener < LISTENERS; listener++) {
    const widget = await openWidgetPage(await browser.createBrowserContext(), `${site.origin}/`);
    await widget.page.setViewport({ width: 960, height: 820, deviceScaleFactor: 1.5 });
    await widget.until('the station', ({ status }) => status === 'idle');
    await widget.press(fr.player.listenAndRelay);
    await widget.until('sound', ({ status }) => status === 'playing');
    widgets.push(widget);
  }
  const [first] = widgets;
  await first?.until('sound from others', ({ text }) => /[5-9]\d\s%/.test(text));
  await first?.page.evaluate(() => {
    const { activeElement } = document;
    if (activeElement instanceof HTMLElement) activeElement.blur();
  });
  await first?.page.bringToFront();
  await first?.page.screenshot({ path: PICTURE });
} finally {
  await browser.close();
  await site.close();
  await server.stop();
}
