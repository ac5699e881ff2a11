import type { RandomSource } from '../../shared/units.ts';
import { RELAY_REST } from '../../shared/tracker/limits.ts';
import type { RelayFigures, RelayHello } from './relay-messages.ts';

/** Which relays the operator takes: everyone's, only those listed by key, or none. Those banned never. */
export interface RelayPolicy {
  readonly allow: 'all' | 'listed' | 'none';
  readonly listed: readonly string[];
  readonly banned: readonly string[];
}

/** What the origin knows of one relay. Times are of the monotonic clock that is passed in, ms. */
export interface RelayEntry {
  readonly relayKey: string;
  readonly stationId: string;
  readonly nickname: string | null;
  readonly publicUrl: string | null;
  readonly isTracking: boolean;
  /** Of the mounts that it has; null: all. */
  readonly mountIds: readonly string[] | null;
  /** We chose its address ourselves, and feed it. */
  readonly isFed: boolean;
  /** Its connections to us, or ours to it; none: it is forgotten in a while. */
  readonly connections: ReadonlySet<number>;
  readonly since: number;
  readonly figures: RelayFigures;
  /** Null: not probed yet, or it has no address. */
  readonly probe: ProbeRecord | null;
  /** Until then it is not offered, as listeners complained of it. */
  readonly droppedUntil: number;
  /** Until then it is no seed before listeners, as its children let it go for late chunks. */
  readonly restsUntil: number;
  /** It stops, or has stopped, by its own word. */
  readonly isLeaving: boolean;
  /** Why it is not offered, or empty. */
  readonly reason: string;
}

export interface ProbeRecord {
  readonly failuresInARow: number;
  readonly successesInARow: number;
  /** Smoothed; of the successful ones. */
  readonly latencyMs: number;
}

export type ProbeResult =
  | { readonly ok: true; readonly latencyMs: number }
  /** `late`: it does not answer, or lags. `wrong`: it lacks what it should have. `forged`: not the station's sound. */
  | { readonly ok: false; readonly fault: 'late' | 'wrong' | 'forged'; readonly reason: string };

/** What a relay says of itself. */
export type RelayIntroduction = Pick<
  RelayHello,
  'relayKey' | 'nickname' | 'publicUrl' | 'isTracking' | 'mountIds'
>;

export const RELAYS_MAX = 1_000;
/** One machine may run several relays, but not all of them. */
export const RELAYS_PER_ADDRESS_MAX = 8;
/** Successful probes before a relay is offered: one could be luck. */
export const SUCCESSES_TO_OFFER = 2;
/** Failed probes before it is not offered any more: with the probes' pace and time-out, within 5 s. */
export const FAILURES_TO_DROP = 2;
/** Complaints from this many addresses within COMPLAINT_KEPT_MS, and it is dropped for DROPPED_MS. */
export const COMPLAINTS_TO_DROP = 3;
export const COMPLAINT_KEPT_MS = 600_000;
export const DROPPED_MS = 3_600_000;
/** A relay whose connection is lost is remembered for so long: its probes go on, and listeners need not notice. */
export const LOST_KEPT_MS = 60_000;
/** Edges that one listener is told of. */
export const OFFERED_MAX = 6;

/**
 * All relays that have shown themselves, and which of them listeners are told of. Knows no clock, socket or request.
 */
export class RelayRegister {
  readonly #policy: RelayPolicy;
  readonly #random: RandomSource;
  readonly #entries = new Map<string, Entry>();
  readonly #banned: Set<string>;

  constructor(policy: RelayPolicy, random: RandomSource) {
    this.#policy = policy;
    this.#random = random;
    this.#banned = new Set(policy.banned);
  }

  get entries(): readonly RelayEntry[] {
    return [...this.#entries.values()];
  }

  /**
   * A relay that has proved its key. Returns null if it is taken, else why not.
   * @param address network address that it connects from; null: we connect to it, and feed it.
   */
  enter(
    now: number,
    connection: number,
    address: string | null,
    stationId: string,
    hello: RelayIntroduction,
  ): string | null {
    const refusal = this.whyNot(now, hello.relayKey) ?? this.#whyNoRoom(hello, address);
    if (refusal !== null) return refusal;
    const known = this.#entries.get(hello.relayKey);
    const sameAddress = known?.publicUrl === hello.publicUrl;
    this.#entries.set(hello.relayKey, {
      relayKey: hello.relayKey,
      stationId,
      nickname: hello.nickname,
      publicUrl: hello.publicUrl,
      isTracking: hello.isTracking,
      mountIds: hello.mountIds,
      isFed: address === null || (known?.isFed ?? false),
      connections: (known?.connections ?? new Set<number>()).add(connection),
      address: address ?? known?.address ?? '',
      since: known?.since ?? now,
      lostAt: null,
      figures: known?.figures ?? NO_FIGURES,
      probe: sameAddress ? (known?.probe ?? null) : null,
      droppedUntil: known?.droppedUntil ?? 0,
      restsUntil: known?.restsUntil ?? 0,
      complaints: known?.complaints ?? new Map(),
      isLeaving: false,
      reason: known === undefined ? '' : reasonOnReturn(known, now),
    });
    return null;
  }

  /** Whether the operator takes this relay; null: yes. */
  whyNot(now: number, relayKey: string): string | null {
    if (this.#banned.has(relayKey)) return 'The station has banned this relay';
    const known = this.#entries.get(relayKey);
    // One with an address may well come, and is not named to anybody meanwhile.
    if (known !== undefined && known.publicUrl === null && now < known.droppedUntil) return known.reason;
    if (this.#policy.allow === 'none') return 'The station takes no relays';
    if (this.#policy.allow === 'listed' && !this.#policy.listed.includes(relayKey))
      return `The station takes only relays that it knows: give its operator this relay's key, ${relayKey}`;
    return null;
  }

  lost(now: number, connection: number): void {
    for (const entry of this.#entries.values())
      if (entry.connections.delete(connection) && entry.connections.size === 0) entry.lostAt = now;
  }

  /** It has said that it stops. If it returns it is probed anew before it is offered. */
  leaving(relayKey: string): void {
    const entry = this.#entries.get(relayKey);
    if (entry === undefined) return;
    entry.isLeaving = true;
    entry.probe = null;
    entry.reason = 'it is leaving';
  }

  tell(connection: number, figures: RelayFigures): void {
    for (const entry of this.#entries.values())
      if (entry.connections.has(connection)) entry.figures = figures;
  }

  probed(now: number, relayKey: string, publicUrl: string, result: ProbeResult): void {
    const entry = this.#entries.get(relayKey);
    // It may have moved while the probe was under way.
    if (entry?.publicUrl !== publicUrl || entry.isLeaving) return;
    const before = entry.probe ?? { failuresInARow: 0, successesInARow: 0, latencyMs: 0 };
    if (result.ok) {
      const known = before.latencyMs === 0 ? result.latencyMs : before.latencyMs;
      entry.probe = {
        failuresInARow: 0,
        successesInARow: before.successesInARow + 1,
        latencyMs: known + (result.latencyMs - known) * 0.25,
      };
      entry.reason = '';
    } else {
      // One lost packet is forgiven; what an honest relay never does is not.
      const failures = result.fault === 'late' ? before.failuresInARow + 1 : FAILURES_TO_DROP;
      entry.probe = {
        ...before,
        failuresInARow: Math.max(failures, before.failuresInARow + 1),
        successesInARow: failures >= FAILURES_TO_DROP ? 0 : before.successesInARow,
      };
      entry.reason = result.reason;
      if (result.fault === 'forged') entry.droppedUntil = now + DROPPED_MS;
    }
  }

  /** A listener says that the edge at this address did wrong. */
  complained(now: number, publicUrl: string, reason: string, complainant: string): void {
    for (const entry of this.#entries.values()) {
      if (entry.publicUrl !== publicUrl) continue;
      for (const [address, at] of entry.complaints)
        if (now - at > COMPLAINT_KEPT_MS) entry.complaints.delete(address);
      if (entry.complaints.size < COMPLAINTS_TO_DROP) entry.complaints.set(complainant, now);
      if (entry.complaints.size < COMPLAINTS_TO_DROP || now < entry.droppedUntil) continue;
      entry.droppedUntil = now + DROPPED_MS;
      entry.complaints.clear();
      entry.reason = `listeners at ${COMPLAINTS_TO_DROP} addresses complained: ${reason}`;
    }
  }

  /** Listeners at several addresses complained of it as a peer. Returns its connections. */
  distrusted(now: number, relayKey: string): readonly number[] {
    const entry = this.#entries.get(relayKey);
    if (entry === undefined) return [];
    entry.droppedUntil = now + DROPPED_MS;
    entry.reason = 'Listeners at several addresses complained of what it passed on';
    return [...entry.connections];
  }

  /** Its children at several addresses let it go for late chunks: it may go on, but is leant on no more for a while. */
  rest(now: number, relayKey: string): void {
    const entry = this.#entries.get(relayKey);
    if (entry === undefined) return;
    entry.restsUntil = now + RELAY_REST;
    entry.reason = RESTING_REASON;
  }

  isResting(now: number, relayKey: string): boolean {
    return now < (this.#entries.get(relayKey)?.restsUntil ?? 0);
  }

  /** Until the server is started again; the configuration is for good. Returns its connections. */
  ban(relayKey: string): readonly number[] {
    this.#banned.add(relayKey);
    const connections = [...(this.#entries.get(relayKey)?.connections ?? [])];
    this.#entries.delete(relayKey);
    return connections;
  }

  /**
   * Forgets those who have been away for long; those who are dropped or rest, when that is over. Returns the
   * connections of those whose rest is.
   */
  sweep(now: number): readonly number[] {
    const rested: number[] = [];
    for (const [key, entry] of this.#entries) {
      const { lostAt, droppedUntil, restsUntil } = entry;
      if (lostAt !== null && now - lostAt > LOST_KEPT_MS && now >= Math.max(droppedUntil, restsUntil))
        this.#entries.delete(key);
      else if (entry.reason === RESTING_REASON && now >= restsUntil) {
        entry.reason = '';
        rested.push(...entry.connections);
      }
    }
    return rested;
  }

  isOffered(now: number, relayKey: string): boolean {
    const entry = this.#entries.get(relayKey);
    return entry !== undefined && isOffered(entry, now);
  }

  /** Those that listeners may be told of, in an order that does not depend on who asks. */
  offered(now: number, stationId: string): readonly RelayEntry[] {
    return [...this.#entries.values()].filter(
      (entry) => entry.stationId === stationId && isOffered(entry, now),
    );
  }

  /**
   * For one listener: some of them, the better the likelier and the earlier (Efraimidis and Spirakis: weighted random
   * sampling), so that listeners spread over all.
   * @param mountId those that have this mount; null: those that have all.
   */
  pick(now: number, stationId: string, mountId: string | null = null): readonly RelayEntry[] {
    return this.offered(now, stationId)
      .filter(({ mountIds }) => mountIds === null || (mountId !== null && mountIds.includes(mountId)))
      .map((entry) => ({ entry, key: this.#random() ** (1 / weightOf(entry)) }))
      .toSorted((left, right) => right.key - left.key)
      .slice(0, OFFERED_MAX)
      .map(({ entry }) => entry);
  }

  #whyNoRoom(hello: RelayIntroduction, address: string | null): string | null {
    const others = [...this.#entries.values()].filter(({ relayKey }) => relayKey !== hello.relayKey);
    if (others.length >= RELAYS_MAX) return 'The station has as many relays as it can take';
    if (
      address !== null &&
      others.filter((entry) => entry.address === address).length >= RELAYS_PER_ADDRESS_MAX
    )
      return `Cannot take more than ${RELAYS_PER_ADDRESS_MAX} relays of one network address`;
    // Only who has proved that an address is its own keeps others from it.
    const isHeld = others.some(
      ({ publicUrl, probe }) => publicUrl === hello.publicUrl && (probe?.successesInARow ?? 0) > 0,
    );
    if (hello.publicUrl !== null && isHeld)
      return `Another relay says that ${hello.publicUrl} is its address`;
    return null;
  }
}

interface Entry extends RelayEntry {
  readonly connections: Set<number>;
  /** Network address it connects from: never shown. */
  readonly address: string;
  lostAt: number | null;
  figures: RelayFigures;
  probe: ProbeRecord | null;
  droppedUntil: number;
  restsUntil: number;
  isLeaving: boolean;
  /** When which address last complained. */
  readonly complaints: Map<string, number>;
  reason: string;
}

/** Who has come back is not leaving; and a relay at home whose time without trust is over is as good as any. */
function reasonOnReturn(
  { isLeaving, publicUrl, droppedUntil, restsUntil, reason }: Entry,
  now: number,
): string {
  const isForgiven = publicUrl === null && now >= Math.max(droppedUntil, restsUntil);
  return isLeaving || isForgiven ? '' : reason;
}

const RESTING_REASON =
  'Listeners at several addresses heard sound late from it: for ten minutes the station relies on others. Its uplink may carry less than it is set to: a lower --upload may help';

const NO_FIGURES: RelayFigures = {
  listeners: 0,
  uploadKbps: 0,
  bytesMonth: 0,
  load: 0,
  seeding: null,
  thanks: null,
};

const isOffered = ({ publicUrl, probe, droppedUntil }: Entry, now: number): boolean =>
  publicUrl !== null &&
  probe !== null &&
  probe.successesInARow >= SUCCESSES_TO_OFFER &&
  probe.failuresInARow < FAILURES_TO_DROP &&
  now >= droppedUntil;

/** A relay may lie about its load: then it is slow, which the latency tells. */
const weightOf = ({ figures, probe }: RelayEntry): number =>
  Math.max(0.05, 1 - figures.load) / (50 + (probe?.latencyMs ?? 1_000));
