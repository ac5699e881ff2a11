import type { ListenerEnvironment } from '../../client/listener/environment.ts';
import type { StationDescription } from '../../shared/station/description.ts';
import { ConfigError } from '../config/config-error.ts';
import type { RelayPass } from '../../shared/tracker/messages.ts';
import { errorText } from '../error.ts';
import type { Log } from '../log.ts';
import { addUsage, decide } from './budget.ts';
import type { Decision, Usage } from './budget.ts';
import { findStation, sleep } from './find-station.ts';
import type { KeyPins } from './key-pins.ts';
import type { LocalTime } from './local-time.ts';
import { MountRelay } from './mount-relay.ts';
import type { RelayIdentity } from './relay-identity.ts';
import { startRegistration } from './registration.ts';
import type { Registration } from './registration.ts';
import type { RelayOptions } from './relay-options.ts';
import type { RelayState, RelayStatus } from './relay-status.ts';
import type { LookUp } from './station-lookup.ts';
import { Surroundings } from './surroundings.ts';
import { Traffic } from './traffic.ts';
import { checkMounts } from './wanted-mounts.ts';
import { shareListeners, shareUpload } from './upload-shares.ts';
import type { UsageStore } from './usage-store.ts';

export interface RelayParts {
  readonly options: RelayOptions;
  readonly identity: RelayIdentity;
  readonly pins: KeyPins;
  readonly usageStore: UsageStore;
  readonly uploadKbps: (station: StationDescription) => Promise<number>;
  readonly lookUp: (signal: AbortSignal) => Promise<LookUp>;
  readonly environment: ListenerEnvironment;
  readonly localTime: (unixMs: number) => LocalTime;
  /** Unix time. */
  readonly now: () => number;
  readonly log: Log;
  /** The station shows another key: this relay must end. */
  readonly onFatal: (error: Error) => void;
}

const TICK_MS = 1_000;
/** Mounts may come and go, and the key is looked at again. */
const LOOK_AGAIN_MS = 30_000;
/** The station's pass makes us a seed at its trackers; without an answer for so long we begin without one. */
const PASS_WAIT_MS = 3_000;
/** Children that have found nobody else by then are left to the edges. */
export const HAND_OVER_MS = 5_000;
const HAND_OVER_POLL_MS = 100;

/** A relay at home: takes part in the swarm of each mount for as long as its budget allows. */
export class Relay {
  readonly #parts: RelayParts;
  readonly #closing = new AbortController();
  readonly #traffic = new Traffic();
  readonly #surroundings = new Surroundings();
  readonly #startedAt: number;
  #usage: Usage;
  #station: StationDescription | null = null;
  #uploadKbps: number;
  #mounts: MountRelay[] = [];
  #state: RelayState = 'looking';
  #detail = '';
  #ticking: ReturnType<typeof setInterval> | null = null;
  #lookedAt = 0;
  #isLooking = false;
  #registration: Registration | null = null;
  #pass: RelayPass | null = null;
  /** The station's answer to our registration is waited for until then. */
  #waitsUntil = 0;
  /** Why the station does not want this relay; null: it does, or has not said. */
  #refusal: string | null = null;
  /** What the station says to us while it takes us, or empty. */
  #advice = '';

  constructor(parts: RelayParts) {
    this.#parts = parts;
    this.#startedAt = parts.now();
    this.#usage = parts.usageStore.read();
    this.#uploadKbps = parts.options.limits.uploadKbps ?? 0;
  }

  /**
   * Finds the station, however long it is away, and begins. Resolves when it was found, or `stop` was called.
   * @throws ConfigError (the promise rejects) if the address is wrong, the key is another, or a mount is not there.
   */
  async start(): Promise<void> {
    const { options, pins, lookUp, log } = this.#parts;
    const station = await findStation({
      address: options.address,
      pins,
      lookUp,
      log,
      signal: this.#closing.signal,
      onAway: (detail) => {
        this.#detail = detail;
      },
    });
    if (station === null) return;
    checkMounts(options.mounts, station);
    this.#uploadKbps = await this.#parts.uploadKbps(station);
    if (this.#closing.signal.aborted) return;
    this.#station = station;
    this.#lookedAt = this.#parts.now();
    this.#waitsUntil = this.#lookedAt + PASS_WAIT_MS;
    this.#registration = this.#register(station);
    this.#ticking = setInterval(() => {
      this.#tick();
    }, TICK_MS);
    this.#tick();
  }

  status(): RelayStatus {
    const { options, identity, now } = this.#parts;
    const mounts = this.#mounts.map((mount) => mount.figures());
    return {
      state: this.#state,
      detail: this.#detail,
      address: `${options.address.server}${options.address.id === null ? '' : `/${options.address.id}`}`,
      station: this.#station?.name ?? null,
      relayKey: identity.publicKeyText,
      nickname: options.nickname,
      uptimeSeconds: Math.max(0, now() - this.#startedAt) / 1000,
      mounts,
      listeners: mounts.reduce((sum, { listeners }) => sum + listeners, 0),
      listenersMax: options.listenersMax,
      uploadKbps: this.#traffic.sentKbps,
      uploadMaxKbps: this.#uploadKbps,
      usage: this.#usage,
      monthlyBytes: options.limits.monthlyBytes,
      sentBytes: this.#traffic.sentBytes,
      takenFromEdgesBytes: this.#traffic.takenFromEdgesBytes,
      takenFromPeersBytes: this.#traffic.takenFromPeersBytes,
    };
  }

  /** Hands the children over, then ends everything. Safe to call twice. */
  async stop(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#registration?.stop();
    await this.#leave('stopping');
    if (this.#ticking !== null) clearInterval(this.#ticking);
    this.#count();
    this.#parts.usageStore.save(this.#usage);
  }

  /** The station's operator sees us, may thank us, and may say no. Sound does not depend on it. */
  #register(station: StationDescription): Registration {
    const { options, identity, log } = this.#parts;
    return startRegistration({
      origin: options.address.server,
      stationKey: station.publicKey,
      identity,
      nickname: options.nickname,
      publicUrl: null,
      isTracking: false,
      mountIds: null,
      guests: null,
      figures: () => {
        const { listeners, uploadKbps, uploadMaxKbps, usage } = this.status();
        const load = Math.min(1, uploadKbps / Math.max(1, uploadMaxKbps));
        const { month, monthBytes } = usage;
        return { listeners, uploadKbps, uploadMaxKbps, month, bytesMonth: monthBytes, load, seeding: null };
      },
      onState: ({ allowed, reason, pass }) => {
        this.#refusal = allowed ? null : `the station says no: ${reason}`;
        this.#advice = allowed && reason !== '' ? `the station says: ${reason}` : '';
        this.#pass = pass;
        if (this.#waitsUntil === 0) return;
        this.#waitsUntil = 0;
        this.#tick();
      },
      log,
    });
  }

  #tick(): void {
    const { now, localTime, options, usageStore, log } = this.#parts;
    const nowMs = now();
    this.#count();
    this.#traffic.sample(nowMs);
    usageStore.keep(this.#usage, performance.now());
    if (this.#closing.signal.aborted || this.#state === 'leaving') return;
    const limits = { ...options.limits, uploadKbps: this.#uploadKbps };
    const decision: Decision =
      this.#refusal === null
        ? decide(limits, this.#usage, localTime(nowMs))
        : { serve: false, reason: 'refused', detail: this.#refusal };
    if (!decision.serve) {
      if (this.#state !== 'resting') void this.#rest(decision.detail);
      this.#detail = decision.detail;
      return;
    }
    const change = this.#surroundings.look(nowMs);
    if (change !== null && this.#mounts.length > 0) {
      log.info({ change }, 'beginning anew');
      void this.#endAll(this.#mounts.splice(0));
    }
    this.#state = 'serving';
    this.#detail = this.#advice;
    if (nowMs >= this.#waitsUntil) this.#openMissing();
    this.#share();
    if (nowMs - this.#lookedAt >= LOOK_AGAIN_MS && !this.#isLooking) void this.#lookAgain();
  }

  #openMissing(): void {
    const { options, environment, log } = this.#parts;
    const station = this.#station;
    if (station === null) return;
    const wanted = station.mounts.filter(({ path }) => options.mounts?.includes(path) ?? true);
    for (const mount of wanted) {
      if (this.#mounts.some((running) => running.mount.id === mount.id)) continue;
      const share = Math.floor(this.#uploadKbps / wanted.length);
      const relay = new MountRelay(station, mount, share, () => this.#pass ?? undefined, environment, log);
      this.#mounts.push(relay);
      relay.start();
    }
    const gone = this.#mounts.filter(({ mount }) => wanted.every(({ id }) => id !== mount.id));
    if (gone.length === 0) return;
    this.#mounts = this.#mounts.filter((running) => !gone.includes(running));
    void this.#endAll(gone);
  }

  #share(): void {
    const shares = shareUpload(
      this.#uploadKbps,
      this.#mounts.map((mount) => mount.demand()),
    );
    for (const [index, mount] of this.#mounts.entries()) mount.setUpload(shares[index] ?? 0);
    const { listenersMax } = this.#parts.options;
    if (listenersMax === null) return;
    const served = this.#mounts.map((mount) => mount.figures().listeners);
    const places = shareListeners(listenersMax, served);
    for (const [index, mount] of this.#mounts.entries()) mount.setListenersMax(places[index] ?? 0);
  }

  #count(): void {
    let sent = 0;
    for (const mount of this.#mounts) sent += this.#traffic.note(mount, mount.figures());
    this.#usage = addUsage(this.#usage, this.#parts.localTime(this.#parts.now()), sent);
  }

  async #rest(detail: string): Promise<void> {
    this.#parts.log.info({ detail }, 'resting');
    await this.#leave(detail);
    this.#state = 'resting';
  }

  async #leave(detail: string): Promise<void> {
    this.#state = 'leaving';
    this.#detail = detail;
    for (const mount of this.#mounts) mount.retire();
    const until = performance.now() + HAND_OVER_MS;
    while (this.#mounts.some((mount) => mount.figures().childCount > 0) && performance.now() < until)
      await sleep(HAND_OVER_POLL_MS);
    this.#count();
    await this.#endAll(this.#mounts.splice(0));
  }

  async #endAll(mounts: readonly MountRelay[]): Promise<void> {
    for (const mount of mounts) this.#traffic.forget(mount);
    await Promise.all(mounts.map((mount) => mount.stop()));
  }

  /** What the station says now; a server that is away changes nothing, the swarm goes on. */
  async #lookAgain(): Promise<void> {
    const { lookUp, pins, options, now, log, onFatal } = this.#parts;
    this.#isLooking = true;
    this.#lookedAt = now();
    try {
      const found = await lookUp(this.#closing.signal);
      if (found.type === 'found') {
        pins.check(options.address, found.station.publicKey);
        this.#station = found.station;
      }
    } catch (error) {
      if (error instanceof ConfigError) onFatal(error);
      else log.error({ error: errorText(error) }, 'cannot look at the station again');
    } finally {
      this.#isLooking = false;
    }
  }
}
