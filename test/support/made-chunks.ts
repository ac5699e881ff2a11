import { ephemeralStationKey } from '../../server/station/station-key.ts';
import type { StationKey } from '../../server/station/station-key.ts';
import { signChunk } from '../../server/station/chunk-signer.ts';
import { StationMount } from '../../server/station/station-mount.ts';
import type { Chunk } from '../../shared/chunk/chunk.ts';
import { epoch, micros, mountId, sequence, unixMillis } from '../../shared/units.ts';
import type { CodecConfig, Frame } from '../../shared/codec/codec.ts';
import { packFrames } from '../../shared/codec/frames.ts';
import { MP3_CONFIG, mp3Frames } from './made-frames.ts';

export interface MadeChunk {
  readonly epoch: number;
  readonly sequence: number;
  readonly durationMs?: number;
  readonly frames?: readonly Frame[];
}

const KEY = ephemeralStationKey();
const MOUNT = mountId('0123456789abcdef');

/** A genuine chunk of ten MPEG frames. */
export const madeChunk = (made: MadeChunk): Chunk =>
  signChunk(
    {
      codec: 'mp3',
      discontinuity: made.sequence === 0,
      epoch: epoch(made.epoch),
      sequence: sequence(made.sequence),
      mediaTime: micros(made.sequence * 250_000),
      duration: micros((made.durationMs ?? 250) * 1000),
      metadata: null,
      payload: packFrames('mp3', made.frames ?? mp3Frames(10)),
    },
    MOUNT,
    unixMillis(1_700_000_000_000),
    KEY,
  );

/** A mount that plays what the test gives it. */
export interface ScriptedMount {
  readonly mount: StationMount;
  readonly key: StationKey;
  readonly play: (frames: readonly Frame[]) => void;
  readonly gap: () => void;
}

export function scriptedMount(config: CodecConfig = MP3_CONFIG, path = '/live.mp3'): ScriptedMount {
  const key = ephemeralStationKey();
  let nextEpoch = 1_700_000_000_000;
  const mount = new StationMount({
    path,
    key,
    bitrateKbps: null,
    nextEpoch: () => epoch(nextEpoch++),
    now: () => unixMillis(Date.now()),
  });
  mount.handle({ type: 'config', config });
  return {
    mount,
    key,
    play: (frames) => {
      for (const frame of frames) mount.handle({ type: 'frame', frame });
    },
    gap: () => {
      mount.handle({ type: 'gap', reason: 'script' });
    },
  };
}
