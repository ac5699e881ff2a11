import type { Page } from 'puppeteer-core';
import { z } from 'zod';

/** How many connections to others a page has made so far, and how many of them stand. */
export interface LinkCount {
  readonly made: number;
  readonly open: number;
}

/** Watches every RTCPeerConnection from the page's first moment on. */
export function watchLinks(page: Page): Promise<unknown> {
  return page.evaluateOnNewDocument(() => {
    const made: RTCPeerConnection[] = [];
    const { RTCPeerConnection: Original } = globalThis;
    globalThis.RTCPeerConnection = class extends Original {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        made.push(this);
      }
    };
    Reflect.set(globalThis, 'countLinks', () => ({
      made: made.length,
      open: made.filter(({ signalingState }) => signalingState !== 'closed').length,
    }));
  });
}

export async function linksOf(page: Page): Promise<LinkCount> {
  return countSchema.parse(
    await page.evaluate(() => Reflect.apply(Reflect.get(globalThis, 'countLinks'), undefined, [])),
  );
}

/** Presses the switch to relay, and counts as soon as the page's own turn is over. */
export async function linksAfterSwitch(page: Page): Promise<LinkCount> {
  return countSchema.parse(
    await page.evaluate(async () => {
      document.getElementById('relay')?.click();
      await new Promise((resolve) => {
        setTimeout(resolve, 0);
      });
      return Reflect.apply(Reflect.get(globalThis, 'countLinks'), undefined, []);
    }),
  );
}

const countSchema = z.object({ made: z.number(), open: z.number() });
