import { signaturePart, signedPart } from '../../shared/chunk/chunk.ts';
import type { Chunk } from '../../shared/chunk/chunk.ts';
import type { MountDescription, StationDescription } from '../../shared/station/description.ts';
import type { EngineOptions, EngineOutput, EngineSnapshot } from '../../shared/swarm/engine-io.ts';
import { ListenerEngine } from '../../shared/swarm/engine.ts';
import type { Participation, RelayPass } from '../../shared/tracker/messages.ts';
import { kilobitsPerSecond, mountId } from '../../shared/units.ts';
import type { Epoch, Micros, Millis, RandomSource } from '../../shared/units.ts';
import type { DrivenEngine } from './driver.ts';
import type { EdgeBytes } from './edge-client.ts';
import type { ListenerEnvironment } from './environment.ts';
import { ListenerRun } from './listener-run.ts';
import type { ObserveFlow } from './sound-flow.ts';

export interface ListenerOptions {
  readonly station: StationDescription;
  readonly mount: MountDescription;
  /** The station's Ed25519 key as it came with the page, 32 bytes in base64url: the one that is trusted. */
  readonly publicKey: string;
  readonly participation: Participation;
  readonly uploadCapKbps: number;
  /** Of a relay: what shows trackers that it is one. */
  readonly relayPass?: () => RelayPass | undefined;
  /** False: *just listen*, over HTTP. */
  readonly peersAllowed: boolean;
  /** Distance of play-out from the live edge. */
  readonly playoutDelayMs?: number;
  readonly sink: ChunkSink;
  readonly environment: ListenerEnvironment;
  /** Everything that the engine puts out, before it is performed: for the log and for tests. */
  readonly onEvent?: (output: EngineOutput) => void;
  /** Sees every chunk that comes or goes. */
  readonly onFlow?: ObserveFlow | undefined;
  /** The sink or `onEvent` threw. Without it the error is reported as uncaught, and the listener goes on. */
  readonly onFault?: (error: unknown) => void;
}

/** Where chunks go: in order, verified, each once. */
export interface ChunkSink {
  /** `skipped`: chunks given up right before this one. `dueAt`: on the environment's clock. */
  play(chunk: Chunk, skipped: number, dueAt: Millis): void;
}

export interface Listener {
  start(): void;
  /** Leave the swarm and close everything; for good. */
  stop(): Promise<void>;
  setUploadCap(uploadCapKbps: number): void;
  setPeersAllowed(allowed: boolean): void;
  /** Neighbours that may hear from us at a time. */
  setListenersMax(listenersMax: number): void;
  /** We shall leave: children are handed over, and none is taken. `stop` when the snapshot's `childCount` is 0. */
  retire(): void;
  reportPlayhead(epoch: Epoch, mediaTime: Micros, playing: boolean): void;
  snapshot(): EngineSnapshot;
  /** Bytes of HTTP bodies and of seed messages that edges sent us, by cause. */
  edgeBytes(): EdgeBytes;
  linkCount(): number;
  /** Peer messages that full channels did not take. */
  droppedMessages(): number;
}

export interface SnapshotEngine extends DrivenEngine {
  snapshot(now: Millis): EngineSnapshot;
}
export type CreateEngine = (options: EngineOptions, random: RandomSource) => SnapshotEngine;

export const PLAYOUT_DELAY_DEFAULT_MS = 2_500;

/**
 * One listener of one mount, not started yet.
 * @param createEngine for tests
 * @throws RangeError if the public key or the mount's id is not one.
 */
export function createListener(
  options: ListenerOptions,
  createEngine: CreateEngine = (engineOptions, random) => new ListenerEngine(engineOptions, random),
): Listener {
  const { environment, mount } = options;
  const verifier = environment.createVerifier(options.publicKey);
  const engine = createEngine(
    {
      mountId: mountId(mount.id),
      participation: options.participation,
      bitrateKbps: mount.bitrateKbps,
      uploadCapKbps: kilobitsPerSecond(options.uploadCapKbps),
      playoutDelayMs: options.playoutDelayMs ?? PLAYOUT_DELAY_DEFAULT_MS,
      peersAllowed: options.peersAllowed && environment.createPeer !== null,
    },
    environment.random,
  );
  return new ListenerRun(options, engine, (chunk) => verifier(signedPart(chunk), signaturePart(chunk)));
}
