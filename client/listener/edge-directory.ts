import { edgeAddresses } from '../../shared/station/addresses.ts';
import type { EdgeComplaintReason } from '../../shared/tracker/messages.ts';
import type { Millis, RandomSource } from '../../shared/units.ts';
import type { Clock } from './environment.ts';

export interface EdgeDirectoryOptions {
  /** Base addresses that came with the page, best first, no slash at the end. */
  readonly edges: readonly string[];
  readonly clock: Clock;
  readonly random: RandomSource;
  /** An edge has misbehaved, or does not answer while others do. */
  readonly onComplaint: (address: string, reason: EdgeComplaintReason) => void;
}

/** What is supposed of an edge that nobody has measured: a faster one is asked before it, a slower one after it. */
export const UNMEASURED_MS = 400;
/** Edges that differ by less than about this much are alike: listeners shall not all ask the same one. */
const ALIKE_MS = 30;
const ALIKE_SHARE = 0.5;
/** A measurement older than this is worth no more than none. */
const MEASURED_FOR_MS = 120_000;
/** Of the chunks asked for, the share that goes first to an edge that is to be measured: the hedge covers a bad one. */
const TRIAL_SHARE = 1 / 8;
/** A failed edge is asked last for so long, doubled with every failure in a row. */
export const FAILED_FOR_MS = 2_000;
export const FAILED_FOR_MAX_MS = 300_000;
/** An edge that says that it is full is asked after the others for as long as it wishes, within these. */
const LOADED_FOR_MIN_MS = 2_000;
const LOADED_FOR_MAX_MS = 60_000;
/** An edge that was late or withheld chunks is not asked for so long, doubled every time: it may have been an accident. */
export const LEFT_FOR_MS = 300_000;
export const LEFT_FOR_MAX_MS = 3_600_000;
/** Failures in a row, while others answer, after which an edge is reported as out of reach. */
export const UNREACHABLE_FAILURES = 4;
const OTHERS_ANSWERED_WITHIN_MS = 30_000;
/** Chunks within so long that an edge said it had not, and others had: more is no accident. */
export const LACKED_MAX = 3;
const LACKED_WITHIN_MS = 60_000;
/** Edges remembered that are not named any more: one that forged must not come back under the same name. */
const REMEMBERED_MAX = 128;

/**
 * What this listener knows of the edges: how soon each answers, what fails, and which it will not trust again. Their
 * order is made of that, and is the server's where nothing is known. Everything about an edge is measured here, so that
 * one that lies about its load loses listeners like any slow one.
 */
export class EdgeDirectory {
  readonly #options: EdgeDirectoryOptions;
  readonly #records = new Map<string, EdgeRecord>();
  #told: readonly string[];

  constructor(options: EdgeDirectoryOptions) {
    this.#options = options;
    this.#told = edgeAddresses(options.edges);
  }

  /** What the tracker names from now on. What came with the page is kept in reserve: the tracker may be a relay's. */
  setTold(edges: readonly string[]): void {
    this.#told = edgeAddresses(edges);
    for (const [edge, record] of this.#records) {
      if (this.#records.size <= REMEMBERED_MAX) return;
      if (record.leftUntil !== Number.POSITIVE_INFINITY && !this.isNamed(edge)) this.#records.delete(edge);
    }
  }

  /** The station offers it now. */
  isNamed(edge: string): boolean {
    return this.#told.includes(edge);
  }

  /** It may be asked: it has not been left. */
  isTrusted(edge: string): boolean {
    return (this.#records.get(edge)?.leftUntil ?? 0) <= this.#now();
  }

  /**
   * Edges to ask, in this order. Those that were left are not among them, unless no other is known: what they send is
   * verified like everything else.
   * @param mayTry the next edge is asked soon if the first is slow: one that is to be measured may come first
   */
  order(mayTry = false): readonly string[] {
    const known = new Set([...this.#told, ...edgeAddresses(this.#options.edges)]);
    const trusted = [...known].filter((edge) => this.isTrusted(edge));
    const places = (trusted.length > 0 ? trusted : [...known]).map((edge, position) => ({
      edge,
      rank: this.#rank(edge),
      ms: this.#expectedMs(edge, position),
    }));
    places.sort((a, b) => a.rank - b.rank || a.ms - b.ms);
    const ordered = places.map(({ edge }) => edge);
    const unmeasured = places.filter(({ edge, rank }) => rank === 0 && this.#measuredMs(edge) === null);
    const trial = unmeasured[Math.floor(this.#options.random() * unmeasured.length)]?.edge;
    if (!mayTry || trial === undefined || this.#options.random() >= TRIAL_SHARE) return ordered;
    return [trial, ...ordered.filter((edge) => edge !== trial)];
  }

  /** It has begun to answer after so long. */
  answered(edge: string, ms: number): void {
    const record = this.#record(edge);
    const now = this.#now();
    const before = this.#measuredMs(edge);
    record.ms = before === null ? ms : before + (ms - before) / 3;
    record.measuredAt = now;
    record.answeredAt = now;
  }

  /** It has done what it was asked for. */
  succeeded(edge: string): void {
    const record = this.#record(edge);
    record.failures = record.failuresAlone = record.failedUntil = 0;
  }

  /** It had not answered after so long, when another one had. */
  outrun(edge: string, ms: number): void {
    const record = this.#record(edge);
    record.ms = Math.max(ms, this.#measuredMs(edge) ?? 0);
    record.measuredAt = this.#now();
  }

  /** It is out of order: asked last for a while. */
  failed(edge: string): void {
    const record = this.#record(edge);
    const now = this.#now();
    record.failures += 1;
    const forMs = Math.min(FAILED_FOR_MAX_MS, FAILED_FOR_MS * 2 ** Math.min(10, record.failures - 1));
    record.failedUntil = now + forMs * (0.75 + this.#options.random() / 2);
    const othersAnswer = [...this.#records].some(
      ([other, { answeredAt }]) => other !== edge && now - answeredAt < OTHERS_ANSWERED_WITHIN_MS,
    );
    if (!othersAnswer) return;
    record.failuresAlone += 1;
    if (record.failuresAlone === UNREACHABLE_FAILURES) this.#options.onComplaint(edge, 'unreachable');
  }

  /** It says that it has no room now. */
  loaded(edge: string, forMs: number): void {
    const wishedMs = Number.isFinite(forMs) ? forMs : 0;
    const boundedMs = Math.min(LOADED_FOR_MAX_MS, Math.max(LOADED_FOR_MIN_MS, wishedMs));
    this.#record(edge).loadedUntil = this.#now() + boundedMs * (0.75 + this.#options.random() / 2);
  }

  /** It said that it had not a chunk that is old enough to be everywhere, and that another had. */
  lacked(edge: string): void {
    const record = this.#record(edge);
    const now = this.#now();
    record.lackedAt = [...record.lackedAt.filter((at) => now - at < LACKED_WITHIN_MS), now];
    if (record.lackedAt.length >= LACKED_MAX) this.leave(edge, 'withheld');
  }

  /** It misbehaves: it is left, for good if it forged. */
  leave(edge: string, reason: Exclude<EdgeComplaintReason, 'unreachable'>): void {
    const record = this.#record(edge);
    const wasForger = record.leftUntil === Number.POSITIVE_INFINITY;
    const wasTrusted = this.isTrusted(edge);
    const forMs = Math.min(LEFT_FOR_MAX_MS, LEFT_FOR_MS * 2 ** Math.min(10, record.timesLeft));
    if (wasTrusted) record.timesLeft += 1;
    record.leftUntil = wasForger || reason === 'forged' ? Number.POSITIVE_INFINITY : this.#now() + forMs;
    record.lackedAt = [];
    if (wasTrusted || (reason === 'forged' && !wasForger)) this.#options.onComplaint(edge, reason);
  }

  #rank(edge: string): number {
    const record = this.#records.get(edge);
    const now = this.#now();
    if (record !== undefined && record.failedUntil > now) return 3;
    if (record !== undefined && record.loadedUntil > now) return 2;
    return this.isNamed(edge) ? 0 : 1;
  }

  /** Near-ties are decided by chance, so that load spreads; what is not measured keeps the server's order. */
  #expectedMs(edge: string, position: number): number {
    const ms = this.#measuredMs(edge);
    if (ms === null) return UNMEASURED_MS + position / 1000;
    return ms * (1 + ALIKE_SHARE * this.#options.random()) + ALIKE_MS * this.#options.random();
  }

  #measuredMs(edge: string): number | null {
    const record = this.#records.get(edge);
    if (record === undefined || this.#now() - record.measuredAt > MEASURED_FOR_MS) return null;
    return record.ms;
  }

  #record(edge: string): EdgeRecord {
    const known = this.#records.get(edge);
    if (known !== undefined) return known;
    const record: EdgeRecord = {
      ms: 0,
      measuredAt: Number.NEGATIVE_INFINITY,
      answeredAt: Number.NEGATIVE_INFINITY,
      failures: 0,
      failuresAlone: 0,
      failedUntil: 0,
      loadedUntil: 0,
      leftUntil: 0,
      timesLeft: 0,
      lackedAt: [],
    };
    this.#records.set(edge, record);
    return record;
  }

  #now(): Millis {
    return this.#options.clock.now();
  }
}

interface EdgeRecord {
  /** Time to the first byte, smoothed. */
  ms: number;
  measuredAt: number;
  answeredAt: number;
  /** In a row. */
  failures: number;
  /** … of them, those while others answered. */
  failuresAlone: number;
  failedUntil: number;
  loadedUntil: number;
  leftUntil: number;
  timesLeft: number;
  lackedAt: readonly number[];
}
