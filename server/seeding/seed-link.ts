import type { types } from 'mediasoup';
import type { SeedOffer } from '../../shared/tracker/messages.ts';
import type { PeerId, Stripe } from '../../shared/units.ts';
import { errorText } from '../error.ts';

export interface SeedLinkOptions {
  readonly peerId: PeerId;
  readonly router: types.Router;
  readonly webRtcServer: types.WebRtcServer;
  readonly dataProducerId: string;
  readonly stripes: readonly Stripe[];
  /** Bytes of one stripe that may wait for this seed before it counts as stalled. */
  readonly bufferedBytesPerStripeMax: number;
  readonly onStalled: () => void;
  readonly onLost: (reason: string) => void;
}

/** A chunk that is this old is of no use to the seed's children. */
export const PACKET_LIFE_MS = 3_000;
/** Not maxRetransmits: with it, messages of several packets never arrive. */
const RELIABILITY = { ordered: false, maxPacketLifeTime: PACKET_LIFE_MS } as const;
/** A seed that is not connected by then gets its stripes over HTTP. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** A seed that is silent this long is gone (ICE consent, RFC 7675). */
const CONSENT_TIMEOUT_SECONDS = 10;
/** So many looks at a full buffer in a row make a stalled seed. */
const STALLED_LOOKS = 2;

/** One seed's WebRTC transport with the data consumer that brings its stripes. */
export class SeedLink {
  readonly #options: SeedLinkOptions;
  readonly #transport: types.WebRtcTransport;
  readonly #consumer: types.DataConsumer;
  readonly #timeout: NodeJS.Timeout;
  #stripes: ReadonlySet<Stripe>;
  #fullLooks = 0;
  #state: 'connecting' | 'connected' | 'closed' = 'connecting';

  /** @throws Error if the worker cannot make it (it may have died meanwhile). */
  static async open(options: SeedLinkOptions): Promise<SeedLink> {
    const transport = await options.router.createWebRtcTransport({
      webRtcServer: options.webRtcServer,
      enableSctp: true,
      preferUdp: true,
      iceConsentTimeout: CONSENT_TIMEOUT_SECONDS,
    });
    try {
      const consumer = await transport.consumeData({
        dataProducerId: options.dataProducerId,
        ...RELIABILITY,
        subchannels: [...options.stripes],
      });
      return new SeedLink(options, transport, consumer);
    } catch (error) {
      transport.close();
      throw error;
    }
  }

  constructor(options: SeedLinkOptions, transport: types.WebRtcTransport, consumer: types.DataConsumer) {
    this.#options = options;
    this.#transport = transport;
    this.#consumer = consumer;
    this.#stripes = new Set(options.stripes);
    this.#timeout = setTimeout(() => {
      this.#lost(`not connected within ${CONNECT_TIMEOUT_MS} ms`);
    }, CONNECT_TIMEOUT_MS);
    transport.on('icestatechange', (state) => {
      if (state === 'disconnected' || state === 'closed') this.#lost(`ICE ${state}`);
    });
    transport.on('dtlsstatechange', (state) => {
      if (state === 'failed' || state === 'closed') this.#lost(`DTLS ${state}`);
    });
    transport.on('sctpstatechange', (state) => {
      if (state === 'connected') this.#connected();
      if (state === 'failed' || state === 'closed') this.#lost(`SCTP ${state}`);
    });
    transport.on('routerclose', () => {
      this.close();
    });
    consumer.on('sctpsendbufferfull', options.onStalled);
  }

  get isConnected(): boolean {
    return this.#state === 'connected';
  }

  get stripeCount(): number {
    return this.#stripes.size;
  }

  takes(stripe: Stripe): boolean {
    return this.#stripes.has(stripe);
  }

  offer(): SeedOffer {
    const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = this.#transport;
    return {
      routerRtpCapabilities: this.#options.router.rtpCapabilities,
      transport: { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters },
      consumer: {
        id: this.#consumer.id,
        dataProducerId: this.#consumer.dataProducerId,
        sctpStreamParameters: {
          streamId: this.#consumer.sctpStreamParameters?.streamId,
          ...RELIABILITY,
        },
        label: this.#consumer.label,
        protocol: this.#consumer.protocol,
      },
    };
  }

  /** The listener's side of the hand-shake. What is not for this transport, or not understood, is refused. */
  async connect(transportId: string, dtlsParameters: types.DtlsParameters): Promise<void> {
    if (transportId !== this.#transport.id || this.#state !== 'connecting') return;
    try {
      await this.#transport.connect({ dtlsParameters });
    } catch (error) {
      this.#lost(errorText(error));
    }
  }

  /** Other stripes over the same transport. */
  async setStripes(stripes: readonly Stripe[]): Promise<void> {
    await this.#consumer.setSubchannels([...stripes]);
    this.#stripes = new Set(stripes);
  }

  /** `send` gives no backpressure, and what is too old leaves the buffer unsent: so it is looked at. */
  async look(): Promise<void> {
    if (this.#state !== 'connected') return;
    const buffered = await this.#consumer.getBufferedAmount();
    const most = this.#options.bufferedBytesPerStripeMax * this.#stripes.size;
    this.#fullLooks = buffered > most ? this.#fullLooks + 1 : 0;
    if (this.#fullLooks < STALLED_LOOKS) return;
    this.#fullLooks = 0;
    this.#options.onStalled();
  }

  close(): void {
    this.#state = 'closed';
    clearTimeout(this.#timeout);
    this.#transport.close();
  }

  #connected(): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'connected';
    clearTimeout(this.#timeout);
  }

  #lost(reason: string): void {
    if (this.#state === 'closed') return;
    this.close();
    this.#options.onLost(reason);
  }
}
