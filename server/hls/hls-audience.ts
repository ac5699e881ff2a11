import { createHash, randomBytes } from 'node:crypto';
import type { MountId, UnixMillis } from '../../shared/units.ts';
import type { Hearer, HearerSource } from '../icecast/audience.ts';

/** A player that has not asked for a playlist for so long has left. */
export const ABSENT_MS = 12_000;
/** Who was sent away stays away for so long. */
const BANNED_MS = 60_000;
/** Over all mounts; more are served but not counted. */
const HEARERS_MAX = 20_000;

/**
 * HLS has no connection to count, so whoever asks for playlists again and again is one hearer: told apart by a salted
 * hash of address and program, which leaves nothing behind.
 */
export class HlsAudience implements HearerSource {
  readonly #now: () => UnixMillis;
  readonly #keepAddresses: boolean;
  readonly #salt = randomBytes(16);
  readonly #byKey = new Map<string, Entry>();
  #lastId = 0;

  constructor(now: () => UnixMillis, keepAddresses: boolean) {
    this.#now = now;
    this.#keepAddresses = keepAddresses;
  }

  /** It has asked for a playlist of late. */
  hears(mountId: MountId, address: string, userAgent: string): boolean {
    const seenAt = this.#byKey.get(this.#keyOf(mountId, address, userAgent))?.seenAt ?? 0;
    return seenAt > this.#now() - ABSENT_MS;
  }

  /** Someone asks for a playlist. False: it was sent away. */
  seen(mountId: MountId, address: string, userAgent: string): boolean {
    const key = this.#keyOf(mountId, address, userAgent);
    const now = this.#now();
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      if (known.bannedUntil > now) return false;
      known.seenAt = now;
      return true;
    }
    this.#forgetAbsent(now);
    if (this.#byKey.size >= HEARERS_MAX) return true;
    this.#lastId += 1;
    const kept = this.#keepAddresses ? { address, userAgent } : { address: '', userAgent: '' };
    const hearer = { id: this.#lastId, connectedAt: now, ...kept };
    this.#byKey.set(key, { hearer, mountId, seenAt: now, bannedUntil: 0 });
    return true;
  }

  of(mountId: MountId): readonly Hearer[] {
    const since = this.#now() - ABSENT_MS;
    return Array.from(this.#byKey.values())
      .filter((entry) => entry.mountId === mountId && entry.seenAt > since && entry.bannedUntil === 0)
      .map(({ hearer }) => hearer);
  }

  close(mountId: MountId, id: number): boolean {
    for (const entry of this.#byKey.values())
      if (entry.mountId === mountId && entry.hearer.id === id && entry.bannedUntil === 0) {
        entry.bannedUntil = this.#now() + BANNED_MS;
        return true;
      }
    return false;
  }

  #keyOf(mountId: MountId, address: string, userAgent: string): string {
    return createHash('sha256')
      .update(this.#salt)
      .update(`${mountId}\n${address}\n${userAgent}`)
      .digest('base64');
  }

  #forgetAbsent(now: UnixMillis): void {
    for (const [key, { seenAt, bannedUntil }] of this.#byKey)
      if (seenAt <= now - ABSENT_MS && bannedUntil <= now) this.#byKey.delete(key);
  }
}

interface Entry {
  readonly hearer: Hearer;
  readonly mountId: MountId;
  seenAt: number;
  /** Unix ms; 0: welcome. */
  bannedUntil: number;
}
