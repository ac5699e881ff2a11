import { BackOff } from '../../client/listener/back-off.ts';
import { FrameReader } from '../../shared/chunk/chunk-framing.ts';
import { decodeChunk } from '../../shared/chunk/chunk-codec.ts';
import type { RandomSource } from '../../shared/units.ts';
import { PATH_HEADER } from '../edge/api.ts';
import { errorText } from '../error.ts';
import type { Log } from '../log.ts';
import type { FollowedMount } from './followed-mount.ts';

export interface MountPullOptions {
  readonly mount: FollowedMount;
  /** Base addresses of edges to take the stream from, best first. Asked for at each attempt. */
  readonly upstreams: () => readonly string[];
  /** Our relay's public key: an edge refuses a stream that would come back to itself. */
  readonly relayKey: string;
  readonly log: Log;
  readonly random: RandomSource;
  readonly fetch?: typeof globalThis.fetch;
  /** Sound comes from there now, by way of these relays' keys; null: from nowhere. */
  readonly onPath: (path: readonly string[] | null) => void;
}

/** Relays in a row: each adds some milliseconds, and more than this is a misconfiguration. */
export const RELAYS_IN_A_ROW_MAX = 4;
/** An edge that has not begun to answer by then is given up. */
const FIRST_BYTES_MAX_MS = 3_000;
/** A live stream says something four times a second. */
const SILENCE_MAX_MS = 2_500;
/** How often an edge that is not the first choice is left for the first one, if that has come back. */
const RETURN_INTERVAL_MS = 60_000;
const BACK_OFF = { baseMs: 250, capMs: 10_000, floorMs: 50 } as const;

/**
 * Keeps one mount's stream coming from one of several edges: the next one at once when one fails, falls silent, leaves
 * chunks out or forges, from the chunk after the last one held. This is the one layer that retries.
 */
export class MountPull {
  readonly #options: MountPullOptions;
  readonly #backOff: BackOff;
  readonly #closing = new AbortController();
  readonly #done: Promise<void>;
  #failures = 0;
  #turn = 0;
  #isPaused = false;
  #wake: () => void = () => undefined;
  #stream: AbortController | null = null;

  constructor(options: MountPullOptions) {
    this.#options = options;
    this.#backOff = new BackOff(BACK_OFF, options.random);
    this.#done = this.#run();
  }

  /** Somebody else feeds the mount now, or no longer does. */
  pause(isPaused: boolean): void {
    if (this.#isPaused === isPaused) return;
    this.#isPaused = isPaused;
    if (isPaused) this.#stream?.abort();
    this.#wake();
  }

  /** Take the stream anew, as what was known of the edges has changed. */
  restart(): void {
    this.#stream?.abort();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#stream?.abort();
    this.#wake();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { log, mount, onPath } = this.#options;
    while (!this.#closing.signal.aborted) {
      const upstreams = this.#options.upstreams();
      if (this.#isPaused || upstreams.length === 0) {
        await this.#sleep(this.#isPaused ? PAUSE_LOOK_MS : this.#backOff.nextDelayMs());
        continue;
      }
      const upstream = upstreams[this.#turn % upstreams.length] ?? '';
      const outcome = await this.#pull(upstream);
      onPath(null);
      if (outcome.kind === 'stopped') continue;
      this.#turn = outcome.kind === 'return' ? 0 : this.#turn + 1;
      this.#failures = outcome.hadSound ? 1 : this.#failures + 1;
      if (outcome.kind === 'failed')
        log.info({ mount: mount.path, upstream, reason: outcome.reason }, 'the stream broke off');
      // Each edge is asked once without waiting, then with ever longer pauses.
      if (this.#failures <= upstreams.length) continue;
      await this.#sleep(this.#backOff.nextDelayMs());
    }
    onPath(null);
  }

  async #pull(upstream: string): Promise<Outcome> {
    const { mount, relayKey, fetch = globalThis.fetch, onPath, log } = this.#options;
    const controller = new AbortController();
    this.#stream = controller;
    const watch = new Watch(controller, FIRST_BYTES_MAX_MS);
    const goesBack = this.#turn > 0 ? setTimeout(() => controller.abort(GO_BACK), RETURN_INTERVAL_MS) : null;
    let hadSound = false;
    try {
      const { newest } = mount;
      // With nothing held yet, all that the edge's window has.
      const from = newest === null ? '0.0' : `${newest.epoch}.${newest.sequence}`;
      const address = `${upstream}/api/mounts/${mount.id}/stream?cause=relay&relay=${relayKey}&from=${from}`;
      const response = await fetch(address, { signal: controller.signal, redirect: 'error' });
      if (!response.ok || response.body === null) {
        await response.body?.cancel();
        throw new Error(`answered ${response.status}`);
      }
      const path = pathOf(response);
      if (path.includes(relayKey)) throw new Error('its sound comes from ourselves');
      if (path.length >= RELAYS_IN_A_ROW_MAX) throw new Error(`its sound has passed ${path.length} relays`);
      const reader = new FrameReader();
      // What left the edge's window while we were away is lost; in the midst of a stream nothing may be missing.
      let mayLeap = true;
      for await (const bytes of response.body) {
        watch.again(SILENCE_MAX_MS);
        for (const frame of reader.push(bytes)) {
          if (controller.signal.aborted) break;
          this.#take(frame, mayLeap);
          mayLeap = false;
          if (!hadSound) {
            hadSound = true;
            this.#backOff.reset(BACK_OFF.baseMs);
            onPath(path);
            log.info({ mount: mount.path, upstream, relaysBefore: path.length }, 'taking the stream');
          }
        }
      }
      return { kind: 'failed', reason: 'it ended', hadSound };
    } catch (error) {
      if (this.#closing.signal.aborted || this.#isPaused) return { kind: 'stopped' };
      if (controller.signal.aborted && controller.signal.reason === GO_BACK)
        return { kind: 'return', hadSound };
      const reason: unknown = controller.signal.aborted ? controller.signal.reason : error;
      return { kind: 'failed', reason: errorText(reason), hadSound };
    } finally {
      watch.end();
      if (goesBack !== null) clearTimeout(goesBack);
      controller.abort();
    }
  }

  /** @throws Error if the edge sends what is not the station's, or leaves chunks out. */
  #take(frame: Uint8Array, mayLeap: boolean): void {
    const decoded = decodeChunk(frame);
    if (!decoded.ok) throw new Error(`it sent what is no chunk (${decoded.reason})`);
    const taken = this.#options.mount.take(decoded.chunk, mayLeap);
    if (taken === 'forged') throw new Error('it sent a forged chunk');
    if (taken === 'foreign') throw new Error('it sent a chunk of another mount');
    if (taken === 'ahead') throw new Error('it left chunks out');
  }

  async #sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

type Outcome =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'return'; readonly hadSound: boolean }
  | { readonly kind: 'failed'; readonly reason: string; readonly hadSound: boolean };

const GO_BACK = new Error('back to the first choice');
const PAUSE_LOOK_MS = 60_000;

/** Aborts when nothing has come for too long. */
class Watch {
  readonly #controller: AbortController;
  #timer: NodeJS.Timeout;

  constructor(controller: AbortController, ms: number) {
    this.#controller = controller;
    this.#timer = this.#arm(ms);
  }

  again(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = this.#arm(ms);
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #arm(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#controller.abort(new Error(`it said nothing for ${ms} ms`)), ms);
  }
}

const pathOf = (response: Response): readonly string[] =>
  (response.headers.get(PATH_HEADER) ?? '').split(',').filter((key) => key !== '');
