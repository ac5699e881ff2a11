import type { Socket } from 'node:net';
import type { Hearer, HearerSource } from './audience.ts';
import type { Chunk } from '../../shared/chunk/chunk.ts';
import type { MountId, UnixMillis } from '../../shared/units.ts';
import type { EgressCounter } from '../edge/egress.ts';
import type { Log } from '../log.ts';
import type { LiveMount } from '../station/live-mount.ts';

/** A player that does not take so much is dropped (Icecast's queue size): it would only fall back farther. */
export const PLAYER_BACKLOG_BYTES = 524_288;
/** At high rates that is little sound: never less than this. */
export const PLAYER_BACKLOG_SECONDS = 10;
/** Over all mounts. */
export const PLAYERS_MAX = 20_000;

/** A listener of the old kind: one connection that gets the bare stream. */
export interface Player extends Hearer {
  readonly mountId: MountId;
  /** A server that takes the stream to pass it on: nobody's ear. */
  readonly isServer: boolean;
}

export type PlayerIdentity = Omit<Player, 'id' | 'mountId' | 'connectedAt'>;

/** What one player gets. */
export interface PlayerStream {
  /** The answer's head: no sound, so not counted. */
  readonly head: Uint8Array;
  /** Sent at once: what a decoder needs, and the burst. */
  readonly beginning: readonly Uint8Array[];
  /** False: the stream cannot go on with this chunk, and ends. */
  continues(chunk: Chunk): boolean;
  encode(chunk: Chunk): readonly Uint8Array[];
}

/** The open connections of old players. Each chunk is written once, at once, without a copy. */
export class Players implements HearerSource {
  readonly #egress: EgressCounter;
  readonly #log: Log;
  readonly #now: () => UnixMillis;
  readonly #open = new Map<number, { readonly player: Player; readonly socket: Socket }>();
  #lastId = 0;
  #slowDropped = 0;

  constructor(egress: EgressCounter, log: Log, now: () => UnixMillis) {
    this.#egress = egress;
    this.#log = log;
    this.#now = now;
  }

  get isFull(): boolean {
    return this.#open.size >= PLAYERS_MAX;
  }

  /** Players dropped because they did not take what was sent. */
  get slowDropped(): number {
    return this.#slowDropped;
  }

  add(socket: Socket, mount: LiveMount, identity: PlayerIdentity, stream: PlayerStream): void {
    this.#lastId += 1;
    const player = { ...identity, id: this.#lastId, mountId: mount.id, connectedAt: this.#now() };
    this.#open.set(player.id, { player, socket });
    const send = (parts: readonly Uint8Array[]): void => this.#send(socket, mount, parts);
    socket.cork();
    socket.write(stream.head);
    send(stream.beginning);
    socket.uncork();
    // The first bytes need time to travel: only what comes on top of them says that the player is slow.
    const backlogMax = socket.writableLength + backlogBytes(mount.bitrateKbps);
    const stop = mount.onChunk((chunk) => {
      if (socket.writableEnded || socket.destroyed) return;
      if (!stream.continues(chunk)) {
        socket.destroySoon();
        return;
      }
      if (socket.writableLength > backlogMax) {
        this.#slowDropped += 1;
        this.#log.debug({ mount: mount.path, backlogBytes: socket.writableLength }, 'dropped a slow player');
        socket.destroy();
        return;
      }
      send(stream.encode(chunk));
    });
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      stop();
      this.#open.delete(player.id);
    });
  }

  /** Those who hear the mount, the oldest first. */
  of(mountId: MountId): readonly Player[] {
    return Array.from(this.#open.values(), ({ player }) => player).filter(
      (player) => player.mountId === mountId && !player.isServer,
    );
  }

  count(mountId: MountId): number {
    let count = 0;
    for (const { player } of this.#open.values())
      if (player.mountId === mountId && !player.isServer) count += 1;
    return count;
  }

  close(mountId: MountId, id: number): boolean {
    const entry = this.#open.get(id);
    if (entry?.player.mountId !== mountId) return false;
    entry.socket.destroy();
    return true;
  }

  /** The server stops: players are told by the end of their stream. */
  endAll(): void {
    for (const { socket } of this.#open.values()) socket.destroySoon();
  }

  #send(socket: Socket, mount: LiveMount, parts: readonly Uint8Array[]): void {
    let byteCount = 0;
    socket.cork();
    for (const part of parts) {
      if (part.length > 0) socket.write(part);
      byteCount += part.length;
    }
    socket.uncork();
    this.#egress.add(mount.id, 'fallback', byteCount);
  }
}

const backlogBytes = (bitrateKbps: number): number =>
  Math.max(PLAYER_BACKLOG_BYTES, (bitrateKbps * 1000 * PLAYER_BACKLOG_SECONDS) / 8);
