import type { SeedAssignment } from '../../shared/tracker/tracker-io.ts';
import type { SeedOffer } from '../../shared/tracker/messages.ts';
import type { RandomSource, Stripe } from '../../shared/units.ts';
import type { SimulatedEdge } from './edge-model.ts';
import type { SimulatedListener } from './listener-model.ts';
import { Way } from './network/machine.ts';
import type { NetworkPreset } from './network/presets.ts';
import { uniform } from './network/random.ts';
import type { VirtualTime } from './virtual-time.ts';

/** ICE consent is lost, and the transport with it, so long after the other side fell silent. */
const TRANSPORT_LOST_MS: readonly [number, number] = [5_000, 8_000];
/** ICE-lite, DTLS and SCTP towards mediasoup. */
const SET_UP_ROUND_TRIPS = 4;

interface Transport {
  readonly edge: SimulatedEdge;
  readonly way: Way;
  readonly id: string;
  stripes: readonly Stripe[];
  state: 'offered' | 'opening' | 'open';
}

/** The WebRTC way from the edges to their seeds (mediasoup's part), and the tracker's orders for it. */
export class SimulatedSeeding {
  readonly #time: VirtualTime;
  readonly #preset: NetworkPreset;
  readonly #edges: readonly SimulatedEdge[];
  readonly #random: RandomSource;
  readonly #transports = new Map<SimulatedListener, Transport>();
  readonly #idPrefix: string;
  #numbers = 0;

  /** @param idPrefix tells one tracker's offers from another's */
  constructor(
    time: VirtualTime,
    preset: NetworkPreset,
    edges: readonly SimulatedEdge[],
    random: RandomSource,
    idPrefix: string,
  ) {
    this.#time = time;
    this.#preset = preset;
    this.#edges = edges;
    this.#random = random;
    this.#idPrefix = idPrefix;
  }

  /** What the tracker decided: a transport is made, changed or ended, and the message to send comes back. */
  assign(
    listener: SimulatedListener,
    order: SeedAssignment,
  ): {
    readonly type: 'seed';
    readonly stripes: readonly Stripe[];
    readonly transport: 'webrtc' | 'http';
    readonly solo: boolean;
    readonly webrtc?: SeedOffer;
  } {
    const { stripes, transport, solo } = order;
    if (transport === 'http' || stripes.length === 0) {
      this.release(listener);
      return { type: 'seed', stripes, transport: 'http', solo };
    }
    const held = this.#transports.get(listener) ?? this.#offer(listener);
    if (held === null) return { type: 'seed', stripes, transport: 'http', solo };
    held.stripes = stripes;
    if (held.state === 'open') this.#feed(listener, held);
    return { type: 'seed', stripes, transport, solo, webrtc: offerWith(held.id) };
  }

  /** The engine takes up an offer, which may be another tracker's, or lets go of what it had. */
  take(listener: SimulatedListener, offer: SeedOffer | null): void {
    const transport = this.#transports.get(listener);
    if (transport === undefined) return;
    if (offer === null || !offer.transport.id.startsWith(this.#idPrefix)) {
      this.release(listener);
      return;
    }
    if (transport.id !== offer.transport.id || transport.state !== 'offered') return;
    transport.state = 'opening';
    const setUpMs =
      SET_UP_ROUND_TRIPS * transport.way.roundTripMs + uniform(this.#random, this.#preset.linkSetUpMs);
    this.#time.after(setUpMs, () => {
      if (this.#transports.get(listener) !== transport) return;
      if (!transport.edge.isUp) {
        this.lose(listener);
        return;
      }
      transport.state = 'open';
      this.#feed(listener, transport);
      listener.give({ type: 'seedLink', state: 'open' });
    });
  }

  release(listener: SimulatedListener): void {
    this.#transports.get(listener)?.edge.seed(listener, null);
    this.#transports.delete(listener);
  }

  /** The edge has died: its seeds find out one after the other. */
  edgeDied(edge: SimulatedEdge): void {
    for (const [listener, transport] of this.#transports) {
      if (transport.edge !== edge) continue;
      this.#time.after(uniform(this.#random, TRANSPORT_LOST_MS), () => {
        if (this.#transports.get(listener) === transport) this.lose(listener);
      });
    }
  }

  private lose(listener: SimulatedListener): void {
    this.release(listener);
    listener.give({ type: 'seedLink', state: 'failed', reason: 'connection lost' });
  }

  #offer(listener: SimulatedListener): Transport | null {
    const living = this.#edges.filter((edge) => edge.isUp);
    const edge = living[this.#numbers % Math.max(1, living.length)];
    if (edge === undefined) return null;
    this.#numbers += 1;
    const way = new Way(this.#preset, listener.machine.place, edge.place, this.#random);
    const transport: Transport = {
      edge,
      way,
      id: `${this.#idPrefix}${this.#numbers}`,
      stripes: [],
      state: 'offered',
    };
    this.#transports.set(listener, transport);
    return transport;
  }

  #feed(listener: SimulatedListener, { edge, way, stripes }: Transport): void {
    edge.seed(listener, {
      stripes,
      cause: 'seed',
      deliver: (chunk, sentAt) => {
        const { line } = listener.machine;
        let arrival = sentAt + way.crossing() + line.reception(chunk.wire.length);
        if (line.isHit(arrival, chunk.wire.length)) arrival += line.retransmission(way.roundTripMs);
        this.#time.at(arrival, () => {
          listener.give({ type: 'edgeChunk', data: chunk.wire, cause: 'seed' });
        });
      },
    });
  }
}

/** Nobody here looks inside an offer: its id tells one from the next. */
function offerWith(id: string): SeedOffer {
  return {
    routerRtpCapabilities: null,
    transport: { id, iceParameters: null, iceCandidates: [], dtlsParameters: null, sctpParameters: null },
    consumer: { id, dataProducerId: id, sctpStreamParameters: null, label: '', protocol: '' },
  };
}
