import type { Browser } from 'puppeteer-core';
import type { CodecName } from '../../shared/codec/codec.ts';
import { launchBrowser } from './browser.ts';
import type { BrowserName } from './browser.ts';
import { startFfmpegSource } from './ffmpeg.ts';
import { startIcecast } from './icecast.ts';
import { pollUntil } from './swarm-poll.ts';
import { startSwarmServer } from './swarm-server.ts';
import type { SwarmServer } from './swarm-server.ts';

/** Everything but listeners: ffmpeg plays to a real Icecast, our server pulls it, both browsers are open. */
export interface SwarmStage {
  readonly server: SwarmServer;
  readonly browsers: Readonly<Record<BrowserName, Browser>>;
  stop(): Promise<void>;
}

export const mountPath = (codec: CodecName): string => `/live.${codec}`;

/** One mount per codec, see `mountPath`. */
export async function openSwarmStage(codecs: readonly CodecName[]): Promise<SwarmStage> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).toReversed()) await each();
  };
  try {
    const icecast = await startIcecast();
    stops.push(() => icecast.stop());
    for (const codec of codecs) {
      const source = startFfmpegSource({ codec, target: icecast.target(mountPath(codec)) });
      stops.push(() => source.stop());
    }
    await pollUntil('Icecast serves every mount', 10_000, async () => {
      const status = await (await fetch(icecast.url('/status-json.xsl'))).text();
      return codecs.every((codec) => status.includes(mountPath(codec)));
    });
    const server = await startSwarmServer(
      Object.fromEntries(codecs.map((codec) => [mountPath(codec), icecast.url(mountPath(codec))])),
    );
    stops.push(() => server.stop());
    const open = async (name: BrowserName): Promise<Browser> => {
      const browser = await launchBrowser(name, { manyTabs: true });
      stops.push(() => browser.close());
      return browser;
    };
    const [chromium, firefox] = await Promise.all([open('chromium'), open('firefox')]);
    return { server, browsers: { chromium, firefox }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
