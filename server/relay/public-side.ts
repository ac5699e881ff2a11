import { parseConfig } from '../config/config-file.ts';
import { ConfigError } from '../config/config-error.ts';
import { errorText } from '../error.ts';
import type { Log } from '../log.ts';
import { rateText } from './amounts.ts';
import { addUsage, decide } from './budget.ts';
import type { Decision, Usage } from './budget.ts';
import { findStation } from './find-station.ts';
import { startPublicRelay } from './public/public-relay.ts';
import type { PublicRelay, PublicRelayOptions } from './public/public-relay.ts';
import type { PublicAddress } from './relay-options.ts';
import type { RelayParts } from './relay.ts';
import type { RelayState, RelayStatus } from './relay-status.ts';
import { Traffic } from './traffic.ts';
import { checkMounts } from './wanted-mounts.ts';

const TICK_MS = 1_000;

/** A relay with a public address: an edge of the station, for as long as its budget allows. */
export class PublicSide {
  readonly #parts: RelayParts;
  readonly #public: PublicAddress;
  readonly #closing = new AbortController();
  readonly #traffic = new Traffic();
  readonly #startedAt: number;
  #usage: Usage;
  #stationKey = '';
  #upstreams: readonly string[] = [];
  #uploadKbps: number;
  #relay: PublicRelay | null = null;
  /** Stands for each mount's run, by its path. */
  #runs = new Map<string, object>();
  #state: RelayState = 'looking';
  #detail = '';
  #isChanging = false;
  #ticking: ReturnType<typeof setInterval> | null = null;

  constructor(parts: RelayParts, publicAddress: PublicAddress) {
    this.#parts = parts;
    this.#public = publicAddress;
    this.#startedAt = parts.now();
    this.#usage = parts.usageStore.read();
    this.#uploadKbps = parts.options.limits.uploadKbps ?? 0;
  }

  /** @throws ConfigError (the promise rejects) if the station, its key or the port is not to be had. */
  async start(): Promise<void> {
    const { options, pins, lookUp, uploadKbps, log } = this.#parts;
    const { address } = options;
    if (this.#public.isFed) {
      if (address.key === null)
        throw new ConfigError(
          "Cannot be fed by a station without its key: add --key, or use the key's address",
        );
      this.#stationKey = address.key;
      this.#uploadKbps = options.limits.uploadKbps ?? fedUploadKbps(log);
    } else {
      const station = await findStation({
        address,
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
      this.#stationKey = station.publicKey;
      this.#upstreams = [address.server];
      this.#uploadKbps = await uploadKbps(station);
    }
    if (this.#closing.signal.aborted) return;
    const decision = this.#decide();
    if (decision.serve) await this.#open();
    else {
      this.#state = 'resting';
      this.#detail = decision.detail;
    }
    this.#ticking = setInterval(() => {
      this.#tick();
    }, TICK_MS);
  }

  status(): RelayStatus {
    const { options, identity, now } = this.#parts;
    const figures = this.#relay?.figures() ?? null;
    const reason = this.#relay?.reason ?? '';
    return {
      state: this.#state,
      detail: this.#detail === '' ? reason : this.#detail,
      address: this.#public.url,
      station: this.#relay?.station?.name ?? null,
      relayKey: identity.publicKeyText,
      nickname: options.nickname,
      uptimeSeconds: Math.max(0, now() - this.#startedAt) / 1000,
      mounts: this.#relay?.mountFigures() ?? [],
      listeners: figures?.listeners ?? 0,
      listenersMax: options.listenersMax,
      uploadKbps: figures?.uploadKbps ?? 0,
      uploadMaxKbps: this.#uploadKbps,
      usage: this.#usage,
      monthlyBytes: options.limits.monthlyBytes,
      sentBytes: this.#traffic.sentBytes,
      takenFromEdgesBytes: this.#traffic.takenFromEdgesBytes,
      takenFromPeersBytes: 0,
    };
  }

  async stop(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#state = 'leaving';
    if (this.#ticking !== null) clearInterval(this.#ticking);
    await this.#relay?.stop();
    this.#count();
    this.#relay = null;
    this.#parts.usageStore.save(this.#usage);
  }

  async #open(): Promise<void> {
    const { options, identity, log } = this.#parts;
    this.#relay = await startPublicRelay({
      stationKey: this.#stationKey,
      upstreams: this.#upstreams,
      publicUrl: this.#public.url,
      isTracking: this.#public.isTracking,
      nickname: options.nickname,
      identity,
      config: edgeConfig(this.#public, options.stateFolder),
      limits: { uploadKbps: this.#uploadKbps, listenersMax: options.listenersMax },
      usage: () => this.#usage,
      mounts: options.mounts,
      log,
    });
    for (const run of this.#runs.values()) this.#traffic.forget(run);
    this.#runs = new Map();
    this.#state = 'serving';
    this.#detail = '';
  }

  #tick(): void {
    const { usageStore } = this.#parts;
    this.#count();
    usageStore.keep(this.#usage, performance.now());
    if (this.#isChanging || this.#closing.signal.aborted) return;
    const decision = this.#decide();
    if (decision.serve === (this.#relay !== null)) return;
    this.#isChanging = true;
    void this.#change(decision.serve ? null : decision.detail);
  }

  #decide(): Decision {
    const { now, localTime, options } = this.#parts;
    return decide({ ...options.limits, uploadKbps: this.#uploadKbps }, this.#usage, localTime(now()));
  }

  /** @param rest why to rest; null: serve */
  async #change(rest: string | null): Promise<void> {
    try {
      if (rest === null) await this.#open();
      else {
        this.#parts.log.info({ detail: rest }, 'resting');
        this.#state = 'leaving';
        this.#detail = rest;
        await this.#relay?.stop();
        this.#count();
        this.#relay = null;
        this.#state = 'resting';
      }
    } catch (error) {
      this.#parts.log.error({ error: errorText(error) }, 'cannot begin to serve; trying again');
    } finally {
      this.#isChanging = false;
    }
  }

  #count(): void {
    let sent = 0;
    for (const figures of this.#relay?.mountFigures() ?? []) {
      const run = this.#runs.get(figures.path) ?? {};
      this.#runs.set(figures.path, run);
      sent += this.#traffic.note(run, figures);
    }
    this.#usage = addUsage(this.#usage, this.#parts.localTime(this.#parts.now()), sent);
  }
}

/** A station that connects to us by itself has no server to measure with; a machine with a public address has so much. */
const FED_KBPS = 20_000;

function fedUploadKbps(log: Log): number {
  log.info(`nothing to measure the uplink with: ${rateText(FED_KBPS)} are given (--upload says otherwise)`);
  return FED_KBPS;
}

/** What an edge is told, with a server's own defaults; the station in it is never looked at. */
const edgeConfig = (
  { url, host, port, tls, udpPort, stunPort, announcedAddress, trustedProxies }: PublicAddress,
  folder: string,
): PublicRelayOptions['config'] =>
  parseConfig(
    JSON.stringify({
      stations: [{ id: 'none', name: 'None', mounts: [{ path: '/none.mp3', sources: ['demo'] }] }],
      stun: { port: stunPort },
      webrtc: {
        enabled: udpPort !== null,
        ...(udpPort === null ? {} : { port: udpPort }),
        announcedAddress,
      },
      dataFolder: folder,
      http: {
        host,
        port,
        publicUrl: url,
        trustedProxies,
        tls: tls === null ? null : { certificate: tls.certificateFile, key: tls.keyFile },
      },
    }),
    "the relay's flags",
    folder,
  );
