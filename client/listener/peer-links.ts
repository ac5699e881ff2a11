import type { LinkEnd } from '../../shared/swarm/engine-io.ts';
import type { IceServer } from '../../shared/station/description.ts';
import type { PeerId, RandomSource } from '../../shared/units.ts';
import { CandidateBatch } from './candidate-batch.ts';
import type { Clock, CreatePeer, PeerSignal } from './environment.ts';
import { withToldIceServers } from './ice-servers.ts';
import { PeerLink } from './peer-link.ts';
import type { PeerLinkEvents } from './peer-link.ts';
import { parseLinkSignal } from './peer-signals.ts';
import type { LinkSignal } from './peer-signals.ts';
import { RateLimit } from './rate-limit.ts';

export interface PeerLinksOptions {
  readonly clock: Clock;
  readonly random: RandomSource;
  /** Null: no links, and whoever offers one is turned away. */
  readonly createPeer: CreatePeer | null;
  readonly iceServers: readonly IceServer[];
  /** Neighbours held at once; some more links may be in set-up. */
  readonly neighboursMax: number;
  /** Carry a signal to the peer, by whatever way. */
  readonly sendSignal: (to: PeerId, data: string) => void;
  readonly onOpen: (peerId: PeerId) => void;
  readonly onMessage: (peerId: PeerId, data: Uint8Array) => void;
  readonly onWritable: (peerId: PeerId, writable: boolean) => void;
  /** Never for a link that `disconnect` or `closeAll` closed. */
  readonly onClosed: (peerId: PeerId, reason: string, end: LinkEnd) => void;
}

/** Links held at once, those being set up included. */
export const linksMax = (neighboursMax: number): number => neighboursMax + LINKS_IN_SET_UP_MAX;
const LINKS_IN_SET_UP_MAX = 24;
/** A peer may offer this often: twice in quick succession is glare or a reload, more is not. */
export const OFFER_RATE = { burst: 5, refillMs: 10_000, keysMax: 256 } as const;
/** All signals of one peer: an attempt takes about five. */
export const SIGNAL_RATE = { burst: 60, refillMs: 500, keysMax: 256 } as const;

/**
 * The links to all neighbours and their signalling. When both ends offer at once (glare), the offer of the peer with the
 * lower id wins and the other end answers it, so one set-up's time is enough.
 */
export class PeerLinks {
  readonly #options: PeerLinksOptions;
  readonly #links = new Map<PeerId, PeerLink>();
  readonly #offers = new RateLimit(OFFER_RATE);
  readonly #signals = new RateLimit(SIGNAL_RATE);
  readonly #batches = new Map<PeerLink, CandidateBatch>();
  #iceServers: readonly IceServer[];
  #ownId: PeerId | null = null;
  #allowed = true;
  #droppedMessages = 0;

  constructor(options: PeerLinksOptions) {
    this.#options = options;
    this.#iceServers = options.iceServers;
  }

  /** For links from now on. */
  addIceServers(told: readonly IceServer[]): void {
    this.#iceServers = withToldIceServers(this.#iceServers, told);
  }

  /** Who we are to others, from the tracker's welcome. Until then nobody can offer us a link. */
  setOwnId(id: PeerId): void {
    this.#ownId = id;
  }

  /** False: offers are turned away from now on; links that exist are the engine's to close. */
  setAllowed(allowed: boolean): void {
    this.#allowed = allowed;
  }

  get count(): number {
    return this.#links.size;
  }

  /** Messages that full channels did not take, over all links so far. */
  get droppedMessages(): number {
    let dropped = this.#droppedMessages;
    for (const link of this.#links.values()) dropped += link.droppedMessages;
    return dropped;
  }

  /** Offer a link, now. Does nothing where one exists or is being set up. */
  connect(peerId: PeerId): void {
    if (this.#links.has(peerId)) return;
    if (this.#options.createPeer === null) this.#options.onClosed(peerId, 'no WebRTC here', 'closed');
    else if (this.#links.size >= linksMax(this.#options.neighboursMax))
      this.#options.onClosed(peerId, 'too many links', 'closed');
    else this.#add(peerId, randomSession(this.#options.random), true, this.#options.createPeer);
  }

  disconnect(peerId: PeerId): void {
    const link = this.#links.get(peerId);
    if (link === undefined) return;
    if (!link.isOpen) this.#tell(peerId, { session: link.session, type: 'reject', reason: 'withdrawn' });
    this.#forget(link);
    link.close();
  }

  send(peerId: PeerId, data: Uint8Array): void {
    this.#links.get(peerId)?.send(data);
  }

  /** We are leaving: a tracker tells those who still wait for a link. */
  closeAll(): void {
    for (const link of this.#links.values()) {
      this.#forget(link);
      link.close();
    }
  }

  /** A signal that was brought to us. What is malformed, too frequent or of a dead attempt is ignored. */
  receive(from: PeerId, data: string): void {
    if (!this.#signals.take(from, this.#options.clock.now())) return;
    const signal = parseLinkSignal(data);
    if (signal === null) return;
    if (signal.type === 'offer') {
      this.#receiveOffer(from, signal.session, signal.sdp);
      return;
    }
    const link = this.#links.get(from);
    if (link === undefined || link.session !== signal.session) return;
    switch (signal.type) {
      case 'answer':
        if (link.initiator && !link.isOpen) link.signal({ type: 'answer', sdp: signal.sdp });
        return;
      case 'candidates':
        for (const candidate of signal.candidates) link.signal({ type: 'candidate', candidate });
        return;
      case 'reject':
        if (link.isOpen) return;
        this.#forget(link);
        link.close();
        this.#options.onClosed(from, `rejected: ${signal.reason}`, 'closed');
    }
  }

  #receiveOffer(from: PeerId, session: string, sdp: string): void {
    const { createPeer } = this.#options;
    const existing = this.#links.get(from);
    // Glare. Ours wins: the other end sees our offer, drops its own and answers.
    const glare = existing !== undefined && existing.initiator && !existing.isOpen;
    if (glare && this.#ownId !== null && this.#ownId < from) return;
    if (existing?.session === session) return;
    const refusal = this.#refusal(from, existing);
    if (refusal !== null || createPeer === null) {
      this.#tell(from, { session, type: 'reject', reason: refusal ?? 'no WebRTC here' });
      return;
    }
    if (existing !== undefined) {
      const wasOpen = existing.isOpen;
      this.#forget(existing);
      existing.close();
      // The other end lost what we still thought open, and begins anew.
      if (wasOpen) this.#options.onClosed(from, 'replaced by a new offer', 'closed');
    }
    this.#add(from, session, false, createPeer).signal({ type: 'offer', sdp });
  }

  #refusal(from: PeerId, existing: PeerLink | undefined): string | null {
    if (!this.#allowed) return 'no links';
    if (!this.#offers.take(from, this.#options.clock.now())) return 'too many offers';
    if (existing === undefined && this.#links.size >= linksMax(this.#options.neighboursMax)) return 'full';
    return null;
  }

  #add(peerId: PeerId, session: string, initiator: boolean, createPeer: CreatePeer): PeerLink {
    const { clock } = this.#options;
    const link = new PeerLink({
      peerId,
      session,
      initiator,
      clock,
      iceServers: this.#iceServers,
      createPeer,
      events: this.#events,
    });
    this.#links.set(peerId, link);
    return link;
  }

  readonly #events: PeerLinkEvents = {
    onSignal: (link, signal) => {
      this.#sendSignal(link, signal);
    },
    onOpen: (link) => {
      this.#options.onOpen(link.peerId);
    },
    onMessage: (link, data) => {
      this.#options.onMessage(link.peerId, data);
    },
    onWritable: (link, writable) => {
      this.#options.onWritable(link.peerId, writable);
    },
    onClosed: (link, reason, end) => {
      this.#forget(link);
      this.#options.onClosed(link.peerId, reason, end);
    },
  };

  #sendSignal(link: PeerLink, signal: PeerSignal): void {
    const { session, peerId } = link;
    if (signal.type !== 'candidate') {
      this.#tell(peerId, { session, type: signal.type, sdp: signal.sdp });
      return;
    }
    let batch = this.#batches.get(link);
    if (batch === undefined) {
      batch = new CandidateBatch(this.#options.clock, (candidates) => {
        this.#tell(peerId, { session, type: 'candidates', candidates });
      });
      this.#batches.set(link, batch);
    }
    batch.add(signal.candidate);
  }

  #tell(to: PeerId, signal: LinkSignal): void {
    this.#options.sendSignal(to, JSON.stringify(signal));
  }

  #forget(link: PeerLink): void {
    this.#droppedMessages += link.droppedMessages;
    this.#batches.get(link)?.cancel();
    this.#batches.delete(link);
    if (this.#links.get(link.peerId) === link) this.#links.delete(link.peerId);
  }
}

const randomSession = (random: RandomSource): string =>
  Math.floor(random() * 0x1_0000_0000)
    .toString(16)
    .padStart(8, '0');
