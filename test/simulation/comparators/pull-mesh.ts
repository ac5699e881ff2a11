import { NEIGHBOURS_MAX, NEIGHBOURS_TARGET } from '../../../shared/swarm/limits.ts';
import { CHUNK_MS } from '../../support/virtual-origin.ts';
import type { Departure } from '../audience.ts';
import type { Way } from '../network/machine.ts';
import type { Comparator, PeerComparatorOptions, Protocol } from './comparator.ts';
import type { Listener } from './listener.ts';
import { rarestFirst } from './rarest-first.ts';
import type { Wanted } from './rarest-first.ts';
import { SourcePartners } from './source-partners.ts';
import type { World } from './world.ts';

/** An attempt to become partners that brought nothing is given up. */
const ATTEMPT_MS = 1_000;
/** Without a map for so long, the partner is gone. */
const SILENCE_MS = 2_500;
/** A map reaches back so far beyond the play-out delay: more is of use to nobody. */
const MAP_SLACK_MS = 2_500;
/** A number and one bit per chunk of 30 s; a request is the same ("the segments to fetch, as a bit sequence"). */
const MAP_LENGTH = 20;
/** Without the chunk by then, it may be asked of another. */
const ANSWER_MAX_MS = 1_500;
/** A supplier this far behind its cap says so instead of sending. */
const BACKLOG_MAX_MS = 100;

interface Partner {
  readonly listener: Listener;
  readonly way: Way;
  /** Its last buffer map: shared by all that got it. */
  held: ReadonlySet<number>;
  heardAt: number;
}

interface Member {
  readonly listener: Listener;
  readonly partners: Map<Listener, Partner>;
  /** Chunks asked for, and until when they are waited for. */
  readonly pending: Map<number, number>;
  connecting: number;
}

/** Asked for like a partner: has everything, and is never short of upload. */
const SOURCE = 'source';
type Supplier = Partner | typeof SOURCE;

export interface PullMeshOptions extends PeerComparatorOptions {
  /** One second in DONet, whose chunks are one second. */
  readonly mapIntervalMs: number;
}

/**
 * A pull-only mesh after CoolStreaming/DONet (INFOCOM 2005): random partners, buffer maps, rarest-first requests, no
 * push. Kinder than the original: the membership service knows at once who is there, partners' bandwidth is known
 * instead of estimated, each map that comes is acted upon instead of once a second, the source's partners hear of each
 * chunk as it is made and are replaced without delay, and a supplier that is behind says so. Left out: the exchange of
 * a bad partner for a better one.
 */
export const pullMesh = ({ withEdge, mapIntervalMs, ...options }: PullMeshOptions): Comparator => ({
  ...options,
  burstAtJoin: withEdge,
  edgeRepairs: withEdge,
  begin: (world) => new PullMesh(world, { withEdge, mapIntervalMs }),
});

class PullMesh implements Protocol {
  readonly #world: World;
  readonly #options: Pick<PullMeshOptions, 'withEdge' | 'mapIntervalMs'>;
  readonly #members = new Map<Listener, Member>();
  /** For a sample without a walk over all. */
  #list: Listener[] = [];
  readonly #entry: SourcePartners;

  constructor(world: World, options: Pick<PullMeshOptions, 'withEdge' | 'mapIntervalMs'>) {
    this.#world = world;
    this.#options = options;
    this.#entry = new SourcePartners(world);
  }

  join(listener: Listener): void {
    const member: Member = { listener, partners: new Map(), pending: new Map(), connecting: 0 };
    if (this.#options.withEdge) this.#world.burst(listener);
    this.#world.edge.request(listener, () => {
      this.#members.set(listener, member);
      this.#list.push(listener);
      this.#entry.fillFrom(this.#list);
      this.#seekPartners(member);
      this.#world.time.after(this.#world.random() * this.#options.mapIntervalMs, () => {
        this.#tick(member);
      });
    });
  }

  leave(listener: Listener, how: Departure): void {
    const member = this.#members.get(listener);
    this.#members.delete(listener);
    this.#list = this.#list.filter((other) => other !== listener);
    if (this.#entry.remove(listener)) this.#entry.fillFrom(this.#list);
    if (member === undefined || how === 'vanished') return;
    for (const { listener: other, way } of member.partners.values())
      this.#world.time.after(way.crossing(), () => {
        this.#members.get(other)?.partners.delete(listener);
      });
  }

  produced(): void {
    for (const listener of this.#entry) {
      const member = this.#members.get(listener);
      if (member !== undefined)
        this.#world.time.after(this.#world.edge.wayTo(listener).crossing(), () => {
          this.#schedule(member);
        });
    }
  }

  received(listener: Listener, chunk: number): void {
    this.#members.get(listener)?.pending.delete(chunk);
  }

  #tick(member: Member): void {
    const { listener, partners } = member;
    if (!listener.isPresent) return;
    const { time, paths } = this.#world;
    for (const partner of partners.values()) {
      if (time.now - partner.heardAt > SILENCE_MS) partners.delete(partner.listener);
    }
    const map = this.#mapOf(listener);
    for (const { listener: other, way } of partners.values())
      paths.sendControl(listener, other, way, MAP_LENGTH, () => {
        this.#heardMap(other, listener, map);
      });
    this.#schedule(member);
    this.#seekPartners(member);
    time.after(this.#options.mapIntervalMs, () => {
      this.#tick(member);
    });
  }

  /** What a listener holds of use to anyone. */
  #mapOf(listener: Listener): ReadonlySet<number> {
    return listener.holdings.from(this.#oldest());
  }

  #oldest(): number {
    const { newest, playoutDelayMs } = this.#world;
    return Math.max(0, newest - Math.ceil((playoutDelayMs + MAP_SLACK_MS) / CHUNK_MS));
  }

  #heardMap(to: Listener, from: Listener, held: ReadonlySet<number>): void {
    const member = this.#members.get(to);
    const partner = member?.partners.get(from);
    if (member === undefined || partner === undefined) return;
    partner.held = held;
    partner.heardAt = this.#world.time.now;
    this.#schedule(member);
  }

  #seekPartners(member: Member): void {
    const { listener, partners } = member;
    const { random, paths, time } = this.#world;
    const missing = NEIGHBOURS_TARGET - partners.size - member.connecting;
    for (let tries = 0; tries < missing; tries += 1) {
      const other = this.#list[Math.floor(random() * this.#list.length)];
      if (other === undefined || other === listener || partners.has(other)) continue;
      member.connecting += 1;
      const way = this.#world.edge.wayTo(listener);
      // The membership service answers first; an attempt that fails is forgotten by the next tick but one.
      time.after(way.roundTripMs, () => {
        paths.connect(listener, other, (between) => {
          this.#befriend(listener, other, between);
        });
        time.after(ATTEMPT_MS, () => {
          member.connecting -= 1;
        });
      });
    }
  }

  #befriend(one: Listener, other: Listener, way: Way): void {
    const [first, second] = [this.#members.get(one), this.#members.get(other)];
    if (first === undefined || second === undefined || first.partners.has(other)) return;
    if (first.partners.size >= NEIGHBOURS_MAX || second.partners.size >= NEIGHBOURS_MAX) return;
    const heardAt = this.#world.time.now;
    first.partners.set(other, { listener: other, way, held: this.#mapOf(other), heardAt });
    second.partners.set(one, { listener: one, way, held: this.#mapOf(one), heardAt });
    this.#schedule(first);
    this.#schedule(second);
  }

  /** Asks for whatever is missing, not asked for yet, and known to be with someone. */
  #schedule(member: Member): void {
    const { listener, pending } = member;
    if (!listener.isPresent) return;
    const { now } = this.#world.time;
    for (const [chunk, until] of pending) if (until <= now) pending.delete(chunk);
    const orders = rarestFirst(this.#wanted(member, now), (supplier) => this.#transferMs(supplier));
    for (const [supplier, chunks] of orders) {
      for (const chunk of chunks) pending.set(chunk, now + ANSWER_MAX_MS);
      if (supplier === SOURCE) this.#askSource(listener, chunks);
      else this.#ask(member, supplier, chunks);
    }
  }

  #wanted({ listener, partners, pending }: Member, now: number): Wanted<Supplier>[] {
    const wanted: Wanted<Supplier>[] = [];
    const { newest } = this.#world;
    const first = Math.max(this.#oldest(), listener.ear.next?.chunk ?? 0);
    for (let chunk = first; chunk <= newest; chunk += 1) {
      if (listener.holdings.has(chunk) || pending.has(chunk)) continue;
      const availableMs = listener.ear.dueAt(chunk) - now;
      if (availableMs <= 0) continue;
      const suppliers: Supplier[] = this.#entry.has(listener) ? [SOURCE] : [];
      for (const partner of partners.values())
        if (partner.held.has(chunk) && partner.listener.machine.uploadCapKbps > 0) suppliers.push(partner);
      if (suppliers.length > 0) wanted.push({ chunk, suppliers, availableMs });
    }
    return wanted;
  }

  /** A partner's cap is shared among its partners. */
  #transferMs(supplier: Supplier): number {
    if (supplier === SOURCE) return 0;
    const partners = this.#members.get(supplier.listener)?.partners.size ?? 1;
    return (this.#world.paths.chunkBytesOnWire * 8 * partners) / supplier.listener.machine.uploadCapKbps;
  }

  #askSource(listener: Listener, chunks: readonly number[]): void {
    const { edge } = this.#world;
    edge.request(listener, () => {
      for (const chunk of chunks) edge.send(listener, chunk, 'seed');
    });
  }

  #ask(member: Member, { listener: supplier, way }: Partner, chunks: readonly number[]): void {
    const { listener, pending } = member;
    const { paths } = this.#world;
    paths.sendControl(listener, supplier, way, MAP_LENGTH, () => {
      const refused: number[] = [];
      for (const chunk of chunks) {
        if (paths.backlogMs(supplier) > BACKLOG_MAX_MS) refused.push(chunk);
        else
          paths.sendChunk(supplier, listener, way, () => {
            this.#world.receive(listener, chunk);
          });
      }
      if (refused.length === 0) return;
      paths.sendControl(supplier, listener, way, MAP_LENGTH, () => {
        for (const chunk of refused) pending.delete(chunk);
      });
    });
  }
}
