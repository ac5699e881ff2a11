import type { SimulatedEdgeRequests } from './edge-requests-model.ts';
import type { SimulatedListener } from './listener-model.ts';
import type { ParentWatch } from './parent-watch.ts';
import type { PlaybackWatch } from './playback-watch.ts';
import type { Tamper } from './polluters.ts';
import type { UploadWatch, WatchedUpload } from './upload-watch.ts';

/** One listener and what is watched of it. */
export interface Participant {
  readonly listener: SimulatedListener;
  readonly requests: SimulatedEdgeRequests;
  readonly playback: PlaybackWatch;
  readonly parents: ParentWatch;
  readonly upload: UploadWatch;
  readonly tamper: Tamper | null;
  readonly slow: boolean;
  /** Counters of its engine when measuring began, or it joined. */
  duplicateBytesBefore: number;
}

/** The scenario does nothing to it. */
export const isUntroubled = ({ tamper, slow }: Participant): boolean => tamper === null && !slow;

export const watchedUpload = ({ listener, upload }: Participant, leftAt: number): WatchedUpload => ({
  joinedAt: listener.joinedAt,
  leftAt,
  upload,
});
