import type { LiveMount } from '../station/live-mount.ts';

/** Whether one more may hear from this edge. */
export interface Room {
  /**
   * Null: there is room; else why not, for people.
   * @param share of the mount's stream that is asked for, from 0 to 1.
   */
  whyNot(mount: LiveMount, share: number): string | null;
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

  whyNot(mount: LiveMount, share: number): string | null {
    return this.#reason ?? this.#room.whyNot(mount, share);
  }
}
