import { createListener } from '../../client/listener/listener.ts';
import type { Listener } from '../../client/listener/listener.ts';
import type { ListenerEnvironment } from '../../client/listener/environment.ts';
import type { TrackTitle } from '../../client/playback/track-title.ts';
import { titleOf } from '../../client/playback/track-title.ts';
import type { MountDescription, StationDescription } from '../../shared/station/description.ts';
import { CHILD_SHARE_OF_CAP, PAYLOAD_SHARE_OF_CAP, WIRE_OVERHEAD } from '../../shared/swarm/limits.ts';
import type { RelayPass } from '../../shared/tracker/messages.ts';
import { STRIPE_COUNT } from '../../shared/units.ts';
import { errorText } from '../error.ts';
import type { Log } from '../log.ts';
import type { UploadDemand } from './upload-shares.ts';

export interface MountFigures {
  readonly path: string;
  readonly bitrateKbps: number;
  readonly title: TrackTitle | null;
  /** Neighbours that hear at least one stripe from us. */
  readonly listeners: number;
  readonly neighbours: number;
  /** (Child, stripe) pairs. */
  readonly childCount: number;
  readonly childSlots: number;
  /** Totals since this mount's relaying began; `sentBytes` with the headers of packets, as providers count. */
  readonly sentBytes: number;
  readonly takenFromEdgesBytes: number;
  readonly takenFromPeersBytes: number;
  /** Chunks come in. */
  readonly isLive: boolean;
  readonly playedOnTime: number;
}

/** Our part in one mount's swarm: a dedicated member, without ears. */
export class MountRelay {
  readonly mount: MountDescription;
  readonly #listener: Listener;
  #title: TrackTitle | null = null;
  #capKbps: number;
  #listenersMax = Number.POSITIVE_INFINITY;

  constructor(
    station: StationDescription,
    mount: MountDescription,
    uploadKbps: number,
    relayPass: () => RelayPass | undefined,
    environment: ListenerEnvironment,
    log: Log,
  ) {
    this.mount = mount;
    this.#capKbps = uploadKbps;
    this.#listener = createListener({
      station,
      mount,
      publicKey: station.publicKey,
      participation: 'dedicated',
      relayPass,
      uploadCapKbps: uploadKbps,
      peersAllowed: true,
      environment,
      sink: {
        play: (chunk) => {
          this.#title = titleOf(chunk) ?? this.#title;
        },
      },
      onEvent: (output) => {
        if (output.type === 'misbehaviour')
          log.warn({ mount: mount.path, peer: output.peerId, reason: output.reason }, 'dropped a peer');
        else if (output.type === 'parent')
          log.debug({ mount: mount.path, stripe: output.stripe, from: output.from }, 'a stripe comes from');
      },
      onFault: (error) => log.error({ mount: mount.path, error: errorText(error) }, 'a fault in a listener'),
    });
  }

  start(): void {
    this.#listener.start();
  }

  demand(): UploadDemand {
    const { childCount } = this.#listener.snapshot();
    const { bitrateKbps } = this.mount;
    const slotKbps = (bitrateKbps * WIRE_OVERHEAD) / STRIPE_COUNT;
    return { usedKbps: childCount === 0 ? 0 : 1 + (childCount * slotKbps) / CHILD_SHARE_OF_CAP, bitrateKbps };
  }

  /** Small changes are left out: each one makes the listener reckon anew. */
  setUpload(kbps: number): void {
    if (Math.abs(kbps - this.#capKbps) <= CHANGE_MIN * this.#capKbps) return;
    this.#capKbps = kbps;
    this.#listener.setUploadCap(kbps);
  }

  setListenersMax(listenersMax: number): void {
    if (listenersMax === this.#listenersMax) return;
    this.#listenersMax = listenersMax;
    this.#listener.setListenersMax(listenersMax);
  }

  figures(): MountFigures {
    const { counters, neighbours, childCount, childSlots, childNeighbourCount, live } =
      this.#listener.snapshot();
    return {
      path: this.mount.path,
      bitrateKbps: this.mount.bitrateKbps,
      title: this.#title,
      listeners: childNeighbourCount,
      neighbours: neighbours.length,
      childCount,
      childSlots,
      sentBytes: Math.round((counters.chunkBytesToPeers + counters.controlBytesSent) / PAYLOAD_SHARE_OF_CAP),
      takenFromEdgesBytes: counters.chunkBytesFromEdges,
      takenFromPeersBytes: counters.chunkBytesFromPeers,
      isLive: live !== null,
      playedOnTime: counters.chunksDue === 0 ? 1 : counters.chunksInTime / counters.chunksDue,
    };
  }

  /** Hands the children over: `figures().childCount` falls to 0, or the time for it is up. */
  retire(): void {
    this.#listener.retire();
  }

  stop(): Promise<void> {
    return this.#listener.stop();
  }
}

const CHANGE_MIN = 0.05;
