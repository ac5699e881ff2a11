import { launch } from 'puppeteer-core';
import type { Browser, Page } from 'puppeteer-core';

export type BrowserName = 'chromium' | 'firefox';
export const BROWSER_NAMES: readonly BrowserName[] = ['chromium', 'firefox'];

export interface LaunchOptions {
  /** Many tabs in one browser that all must go on in the background. */
  readonly manyTabs?: boolean;
  /** Preferred languages, e.g. `fr-FR,fr`. */
  readonly languages?: string;
}

/** A stock Debian browser without a window. Nothing lets it play by itself: sound needs a real click. */
export function launchBrowser(name: BrowserName, options: LaunchOptions = {}): Promise<Browser> {
  return name === 'chromium' ? launchChromium(options) : launchFirefox(options);
}

/** Waits until `condition` is true in the page. @throws Error naming `what` if it is not, in time. */
export async function waitInPage(
  page: Page,
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  const until = Date.now() + timeoutMs;
  while (!(await page.evaluate(condition))) {
    if (Date.now() > until) throw new Error(`Cannot see that ${what} as it should within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function launchChromium({ manyTabs = false, languages }: LaunchOptions): Promise<Browser> {
  return launch({
    browser: 'chrome',
    executablePath: process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium',
    headless: true,
    args: [
      // Debian's Chromium refuses its sandbox to root, as containers and test machines often are.
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-first-run',
      '--autoplay-policy=user-gesture-required',
      ...(languages === undefined ? [] : [`--lang=${languages.split(',')[0]}`, `--accept-lang=${languages}`]),
      ...(manyTabs ? MANY_TABS_FLAGS : []),
    ],
  });
}

function launchFirefox({ languages }: LaunchOptions): Promise<Browser> {
  return launch({
    browser: 'firefox',
    executablePath: process.env['FIREFOX_BIN'] ?? '/usr/bin/firefox-esr',
    headless: true,
    extraPrefsFirefox: {
      ...FIREFOX_QUIET,
      ...(languages === undefined ? {} : { 'intl.accept_languages': languages }),
    },
  });
}

const MANY_TABS_FLAGS = [
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
  '--renderer-process-limit=100',
];

/**
 * Firefox without a sound device stops at the first sample unless the sound is silent: the scale mutes the output and
 * leaves what is decoded as it is. The rest keeps it from talking to its maker.
 */
const FIREFOX_QUIET: Readonly<Record<string, string | number | boolean>> = {
  'media.volume_scale': '0.0',
  'media.autoplay.default': 1,
  'media.autoplay.blocking_policy': 0,
  'app.update.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.newtabpage.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'http://127.0.0.1:1/',
  'toolkit.telemetry.enabled': false,
};
