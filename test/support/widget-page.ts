import type { Browser, BrowserContext, ElementHandle, Frame, Page } from 'puppeteer-core';
import type { EssaimStatus, EssaimTrack } from '../../client/public/widget.d.ts';

/** A page with players of ours on it, and what a test may ask of it. */
export interface WidgetPage {
  readonly page: Page;
  /** Every address that it asked for, in order. */
  readonly requests: readonly string[];
  /** What the browser said against it: errors, and breaches of its policy. */
  readonly complaints: readonly string[];
  /** Of its players, in order. */
  states(): Promise<readonly WidgetState[]>;
  /** Polls until `condition` holds of the player. @throws Error naming `what`, with the states, if it does not in time. */
  until(what: string, condition: (state: WidgetState) => boolean, index?: number): Promise<WidgetState>;
  /** A real click on the first button shown whose name begins so. */
  press(name: string, index?: number): Promise<void>;
  /** The same by the keyboard: where the page may still move. */
  pressByKey(name: string): Promise<void>;
}

export interface WidgetState {
  readonly status: EssaimStatus;
  readonly track: EssaimTrack;
  /** All that can be read in it. */
  readonly text: string;
  /** Names of the buttons that are shown. */
  readonly buttons: readonly string[];
}

const DEADLINE_MS = 20_000;

/** @param browser a context of its own forgets what listeners chose elsewhere. */
export async function openWidgetPage(
  browser: Browser | BrowserContext,
  address: string,
  volume = 1,
): Promise<WidgetPage> {
  const page = await browser.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.evaluateOnNewDocument(() => {
    addEventListener('securitypolicyviolation', (event) => {
      globalThis.console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  // Firefox without a sound device stops at the first sample that is not silent.
  if (volume === 0) await page.evaluateOnNewDocument(() => localStorage.setItem('essaim.volume', '0'));
  await page.goto(address);
  const states = (): Promise<readonly WidgetState[]> => page.evaluate(readStates);
  return {
    page,
    requests,
    complaints,
    states,
    async until(what, condition, index = 0) {
      const end = Date.now() + DEADLINE_MS;
      for (;;) {
        const all = await states();
        const state = all[index];
        if (state !== undefined && condition(state)) return state;
        if (Date.now() > end)
          throw new Error(
            `Cannot see ${what} in time: current value is ${JSON.stringify([all, complaints])}`,
          );
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    press: async (name, index = 0) => (await buttonOf(page, name, index)).click(),
    async pressByKey(name) {
      await (await buttonOf(page, name, 0)).focus();
      await page.keyboard.press('Enter');
    },
  };
}

/**
 * The first element of that selector inside a player, once it is there. (Puppeteer's own waiting for one in a shadow root
 * looks again when the page around it changes, and not when the shadow root does.)
 */
export async function waitInPlayer(
  place: Page | Frame,
  selector: string,
  player = 'essaim-player',
): Promise<ElementHandle> {
  await place.waitForFunction(
    (host, inner) => (document.querySelector(host)?.shadowRoot?.querySelector(inner) ?? null) !== null,
    { polling: 50 },
    player,
    selector,
  );
  const element = await place.$(`${player} >>> ${selector}`);
  if (element === null) throw new Error(`Cannot find ${selector} in a player: current value is null`);
  return element;
}

async function buttonOf(page: Page, name: string, index: number): Promise<ElementHandle> {
  const player = (await page.$$('essaim-player'))[index];
  for (const button of (await player?.$$(':scope >>> button')) ?? [])
    if (await button.evaluate(isNamed, name)) return button;
  throw new Error(`Cannot press a button as it must be shown: current value is ${name}`);
}

function readStates(): readonly WidgetState[] {
  return Array.from(document.querySelectorAll('essaim-player'), (player) => {
    const buttons = Array.from(player.shadowRoot?.querySelectorAll('button') ?? []);
    const root = player.shadowRoot?.querySelector('.player');
    return {
      status: player.status,
      track: player.track,
      text: root instanceof HTMLElement ? root.innerText : '',
      buttons: buttons
        .filter((each) => each.checkVisibility())
        .map((each) => each.ariaLabel ?? each.textContent ?? ''),
    };
  });
}

const isNamed = (button: Element, name: string): boolean =>
  button.checkVisibility() && (button.ariaLabel ?? button.textContent ?? '').startsWith(name);
