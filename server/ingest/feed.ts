import type { SoundEvent } from './events.ts';

/** One run of one source, from connecting to its end. Nothing is reported after `stop`, nor from within the start. */
export interface Feed {
  stop(): void;
}

export interface FeedListener {
  onSound(event: SoundEvent): void;
  onReceived(byteCount: number): void;
  onDiscarded(byteCount: number): void;
  /** Exactly once, unless the feed was stopped. The message is fit for the station's keeper. */
  onEnd(error: Error): void;
}

export type StartFeed<Source> = (source: Source, listener: FeedListener) => Feed;
