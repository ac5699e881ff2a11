import type { SourceConfig } from '../../server/config/config.ts';
import type { SoundEvent } from '../../server/ingest/events.ts';
import type { FeedListener, StartFeed } from '../../server/ingest/feed.ts';

const CONFIG: SoundEvent = {
  type: 'config',
  config: { codec: 'mp3', sampleRateHz: 48_000, channelCount: 2, setup: null },
};

/** A source that does what a test says. */
export interface ScriptedFeed {
  readonly address: string;
  readonly isStopped: boolean;
  /** So many frames of 24 ms, after a set-up. */
  play(frameCount: number): void;
  send(event: SoundEvent): void;
  end(reason: string): void;
}

/** Stands in for the network: every connection that an ingest makes is kept here, newest last. */
export class ScriptedFeeds {
  readonly all: ScriptedFeed[] = [];

  readonly start: StartFeed<SourceConfig> = (source, listener) => {
    const feed = new Feed(source.kind === 'url' ? source.url : 'demo', listener);
    this.all.push(feed);
    return feed;
  };

  /** The newest. @throws Error if there is none. */
  get last(): ScriptedFeed {
    const feed = this.all.at(-1);
    if (feed === undefined) throw new Error('Cannot find a feed: none was started');
    return feed;
  }
}

class Feed implements ScriptedFeed {
  readonly address: string;
  readonly #listener: FeedListener;
  isStopped = false;

  constructor(address: string, listener: FeedListener) {
    this.address = address;
    this.#listener = listener;
  }

  play(frameCount: number): void {
    this.send(CONFIG);
    for (let index = 0; index < frameCount; index++) {
      this.#listener.onReceived(10);
      this.send({ type: 'frame', frame: { bytes: new Uint8Array(10).fill(index), sampleCount: 1152 } });
    }
  }

  send(event: SoundEvent): void {
    if (!this.isStopped) this.#listener.onSound(event);
  }

  end(reason: string): void {
    if (!this.isStopped) this.#listener.onEnd(new Error(reason));
  }

  stop(): void {
    this.isStopped = true;
  }
}
