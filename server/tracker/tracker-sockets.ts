import { WebSocket } from 'ws';
import { unixMillis } from '../../shared/units.ts';
import type { MountId } from '../../shared/units.ts';
import { NO_SITE } from '../embed/allowed-sites.ts';
import { TRACKER_ALIVE, TRACKER_ALIVE_INTERVAL_MS } from '../../shared/tracker/messages.ts';

/** A listener that reads so little that this much waits for it is cut off. */
export const UNSENT_BYTES_MAX = 1_048_576;
/** A ping goes to each this often; two without an answer and it is gone: noticed within 15 s at most. */
export const PING_INTERVAL_MS = 5_000;
export const PINGS_UNANSWERED_MAX = 2;
/** Pings are spread over the interval, so that thousands do not go out at once. */
const SPOKES = 10;
const ROUNDS_PER_ALIVE: number = TRACKER_ALIVE_INTERVAL_MS / PING_INTERVAL_MS;

/** A `ws` socket with what we need to know of it in fields, not in closures: thousands stand open. */
export class TrackerSocket extends WebSocket {
  connectionId = 0;
  pingsUnanswered = 0;
  /** How the listener reaches us. */
  publicUrl = '';
  /** What it wants to hear; null before it has said so. */
  mountId: MountId | null = null;
  /** The site it comes from, as counted once it has said which mount it hears. */
  site = NO_SITE;
  countedOn: MountId | null = null;
  connectedAt = unixMillis(0);
  /** Empty unless the operator has chosen to keep them. */
  address = '';
  userAgent = '';
  /** A server that passes the sound on: nobody's ear. */
  isServer = false;
  /** Of a community relay that has shown the station's pass. */
  relayKey: string | null = null;
}

/** The open sockets by connection, kept alive and known to be so. */
export class TrackerSockets {
  readonly #sockets = new Map<number, TrackerSocket>();
  readonly #spokes = Array.from({ length: SPOKES }, () => new Set<TrackerSocket>());
  readonly #timer: NodeJS.Timeout;
  readonly #visits = new Set<NodeJS.Timeout>();
  #turn = 0;

  constructor(pingIntervalMs: number = PING_INTERVAL_MS) {
    this.#timer = setInterval(() => {
      this.#checkNext();
    }, pingIntervalMs / SPOKES);
    this.#timer.unref();
  }

  get size(): number {
    return this.#sockets.size;
  }

  all(): readonly TrackerSocket[] {
    return Array.from(this.#sockets.values());
  }

  get(connectionId: number): TrackerSocket | undefined {
    return this.#sockets.get(connectionId);
  }

  add(socket: TrackerSocket): void {
    this.#sockets.set(socket.connectionId, socket);
    this.#spokeOf(socket)?.add(socket);
    socket.on('pong', onPong);
  }

  remove(socket: TrackerSocket): void {
    this.#sockets.delete(socket.connectionId);
    this.#spokeOf(socket)?.delete(socket);
  }

  send(connectionId: number, text: string): void {
    const socket = this.#sockets.get(connectionId);
    if (socket === undefined || socket.readyState !== WebSocket.OPEN) return;
    if (socket.bufferedAmount > UNSENT_BYTES_MAX) socket.terminate();
    else socket.send(text);
  }

  close(connectionId: number, code: number, reason: string): void {
    this.#sockets.get(connectionId)?.close(code, reason);
  }

  terminateAll(): void {
    for (const socket of this.#sockets.values()) socket.terminate();
  }

  /** Calls `visit` for every socket that is open by then, a part of them at a time; replaces a round under way. */
  visitSpread(durationMs: number, visit: (socket: TrackerSocket) => void): void {
    this.#cancelVisits();
    for (const [index, spoke] of this.#spokes.entries()) {
      const timer = setTimeout(
        () => {
          this.#visits.delete(timer);
          for (const socket of spoke) visit(socket);
        },
        (index * durationMs) / SPOKES,
      );
      timer.unref();
      this.#visits.add(timer);
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#cancelVisits();
    this.terminateAll();
  }

  #cancelVisits(): void {
    for (const timer of this.#visits) clearTimeout(timer);
    this.#visits.clear();
  }

  #spokeOf(socket: TrackerSocket): Set<TrackerSocket> | undefined {
    return this.#spokes[socket.connectionId % SPOKES];
  }

  #checkNext(): void {
    const round = Math.floor(this.#turn / SPOKES);
    for (const socket of this.#spokes[this.#turn % SPOKES] ?? []) {
      if (socket.pingsUnanswered >= PINGS_UNANSWERED_MAX) {
        socket.terminate();
        continue;
      }
      socket.pingsUnanswered += 1;
      socket.ping();
      if (round % ROUNDS_PER_ALIVE === 0) this.send(socket.connectionId, TRACKER_ALIVE);
    }
    this.#turn += 1;
  }
}

function onPong(this: WebSocket): void {
  if (this instanceof TrackerSocket) this.pingsUnanswered = 0;
}
