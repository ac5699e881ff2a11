import type { UnixMillis } from '../../shared/units.ts';
import type { TitleEvent } from '../ingest/events.ts';
import type { StreamInfo } from './stream-info.ts';

/** A source client that is connected to a mount. */
export interface LiveSource {
  /** E.g. `/live.mp3`. */
  readonly mountPath: string;
  readonly connectedAt: UnixMillis;
  readonly protocol: SourceProtocol;
  readonly user: string;
  readonly address: string;
  /** Empty if it says none. */
  readonly userAgent: string;
  /** E.g. `audio/mpeg`. */
  readonly contentType: string;
  readonly info: StreamInfo;
  readonly receivedBytes: number;
  /** Its sound is what the mount plays. */
  readonly isOnAir: boolean;
  /** It has sent no sound for a while: another client may take its place. */
  readonly isStalled: boolean;
  /** What plays from the sound on that it sends next. */
  setTitle(title: TitleEvent): void;
  /** Disconnects it. @param reason for the log. */
  kick(reason: string): void;
}

export type SourceProtocol = 'SOURCE' | 'PUT' | 'shoutcast';

/** Who is connected to what mount: one source client each. */
export class LiveSources {
  readonly #byPath = new Map<string, LiveSource>();

  get(mountPath: string): LiveSource | null {
    return this.#byPath.get(mountPath) ?? null;
  }

  all(): readonly LiveSource[] {
    return Array.from(this.#byPath.values());
  }

  /** False: the mount has one. */
  add(source: LiveSource): boolean {
    if (this.#byPath.has(source.mountPath)) return false;
    this.#byPath.set(source.mountPath, source);
    return true;
  }

  remove(source: LiveSource): void {
    if (this.#byPath.get(source.mountPath) === source) this.#byPath.delete(source.mountPath);
  }

  kickAll(reason: string): void {
    for (const source of this.all()) source.kick(reason);
  }
}
