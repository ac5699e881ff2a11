import type { LiveMount } from '../station/live-mount.ts';

/** Whether one more may hear from this edge. */
export interface Room {
  /**
   * Null: there is room; else why not, for people.
   * @param share of the mount's stream that is asked for, from 0 (its newest seconds, once) to 1.
   */
  whyNot(mount: Pick<LiveMount, 'bitrateKbps'>, share: number): string | null;
}

/** What hangs on an edge now. */
export interface EdgeLoad {
  /** Open streams, seeds, players of the plain stream, and those who ask for HLS; relays are not listeners. */
  readonly listeners: number;
  /** What goes out, or would if all that are connected took their whole share: the greater of the two. */
  readonly kbps: number;
}

/** A station's own server: whoever comes is served. */
export const ROOM_FOR_ALL: Room = { whyNot: () => null };

/** The room that there is until `close`. */
export class ClosableRoom implements Room {
  readonly #room: Room;
  #reason: string | null = null;

  constructor(room: Room) {
    this.#room = room;
  }

  close(reason: string): void {
    this.#reason = reason;
  }

  whyNot(mount: Pick<LiveMount, 'bitrateKbps'>, share: number): string | null {
    // Who is asked for a few seconds more is not asked to stay.
    return (share === 0 ? null : this.#reason) ?? this.#room.whyNot(mount, share);
  }
}
