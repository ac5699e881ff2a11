import type { CodecConfig, Frame } from '../../shared/codec/codec.ts';

/** What a demuxer finds in a source's bytes, in the order in which it stands there. */
export type SoundEvent =
  /** Comes before the first frame, and before the first frame that needs a different decoder. */
  | { readonly type: 'config'; readonly config: CodecConfig }
  /** One whole frame, byte for byte as the source sent it; it owns its memory. */
  | { readonly type: 'frame'; readonly frame: Frame }
  | TitleEvent
  /** Sound was lost or the source changed: what follows does not continue what came before. */
  | { readonly type: 'gap'; readonly reason: string };

/** Now-playing text; both are empty when nothing is playing that has a name. */
export interface TitleEvent {
  readonly type: 'title';
  readonly title: string;
  readonly artist?: string;
  readonly album?: string;
  /** http or https. */
  readonly artworkUrl?: string;
  /** The programme, or who is live. */
  readonly show?: string;
}

/** For the status page and the log. `source` has no secrets in it. */
export interface StateEvent {
  readonly type: 'state';
  readonly state: 'connecting' | 'live' | 'waiting' | 'failed';
  readonly source: string;
  readonly detail?: string;
}

export type IngestEvent = SoundEvent | StateEvent;
