import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launchBrowser } from './browser.ts';
import { makeOrigin } from './relay-stage.ts';
import { startNodeListeners } from './swarm-node-listeners.ts';
import { pollUntil } from './swarm-poll.ts';

/**
 * Makes the README's picture of a relay's display: `node test/support/relay-picture.ts`. A real relay serves real
 * listeners in a terminal of tmux; what stands there is drawn by Chromium.
 */
const RELAY = fileURLToPath(new URL('../../server/relay/main.ts', import.meta.url));
const PICTURE = fileURLToPath(new URL('../../.readme/relay.png', import.meta.url));
const SESSION = `essaim-picture-${process.pid}`;
const LISTENERS = 7;
const SERVED_MS = 30_000;

/** What the display uses of a terminal's colours. */
const STYLES: ReadonlyMap<string, string> = new Map([
  ['1', 'color:#fff;font-weight:bold'],
  ['2', 'opacity:.6'],
  ['32', 'color:#7fd88f'],
  ['33', 'color:#e5c07b'],
]);
const SGR = new RegExp(`${String.fromCharCode(27)}\\[([\\d;]*)m`, 'g');

const tmux = (...args: readonly string[]): string => execFileSync('tmux', args, { encoding: 'utf8' });

const folder = mkdtempSync(join(tmpdir(), 'essaim-picture-'));
const origin = await makeOrigin();
await origin.start();
const crowd = startNodeListeners(`${origin.url}/api/stations/demo`, '/live.mp3');
try {
  const flags = `--upload 20mbit --monthly 200gb --nickname "Anne's attic" --state ${folder}`;
  tmux(
    'new-session',
    '-d',
    '-s',
    SESSION,
    '-x',
    '80',
    '-y',
    '20',
    `${process.execPath} ${RELAY} ${origin.url} ${flags}`,
  );
  const screen = (): string => tmux('capture-pane', '-e', '-p', '-t', SESSION);
  await pollUntil('it relays', 20_000, () => screen().includes('relaying'), screen);
  await crowd.add(LISTENERS);
  await pollUntil('all are served', 60_000, () => screen().includes(`${LISTENERS} listeners`), screen);
  await new Promise((resolve) => setTimeout(resolve, SERVED_MS));
  await draw(screen().replaceAll(origin.url, 'https://radio.example'));
} finally {
  tmux('kill-session', '-t', SESSION);
  await Promise.all([crowd.stop(), origin.stop()]);
  rmSync(folder, { recursive: true, force: true });
}

async function draw(screen: string): Promise<void> {
  const browser = await launchBrowser('chromium');
  try {
    const page = await browser.newPage();
    await page.setViewport({ width: 800, height: 600, deviceScaleFactor: 2 });
    await page.setContent(
      `<style>body{margin:0}pre{display:inline-block;margin:0;padding:.4em 1em;background:#16181d;color:#d6d9de;font:15px/1.4 "DejaVu Sans Mono",monospace}b{color:#fff}</style><pre>${html(screen)}</pre>`,
    );
    const element = await page.$('pre');
    await element?.screenshot({ path: PICTURE });
  } finally {
    await browser.close();
  }
}

function html(screen: string): string {
  const text = screen.trimEnd().replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  let open = false;
  const styled = text.replaceAll(SGR, (_, codes: string) => {
    const style = codes
      .split(';')
      .map((code) => STYLES.get(code))
      .filter((each) => each !== undefined);
    const end = open ? '</span>' : '';
    open = style.length > 0;
    return open ? `${end}<span style="${style.join(';')}">` : end;
  });
  return `${styled}${open ? '</span>' : ''}\n`;
}
