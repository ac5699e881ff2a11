import type { TitleEvent } from '../ingest/events.ts';
import type { AccessDesk } from './access-desk.ts';
import type { LiveSources } from './live-sources.ts';

/** What a server that makes the sound itself has, and a relay has not: who may do what, and who is connected. */
export interface SourceDesk {
  readonly access: AccessDesk;
  readonly liveSources: LiveSources;
  /** The mount that Shoutcast's source clients feed; null: none. */
  readonly shoutcastMount: string | null;
  /** A source client is connected to this mount, or its pulled source has given sound. */
  hasSound(mountPath: string): boolean;
  /** From the sound that comes next on, this plays: of the source client if there is one, else of the pulled source. */
  setTitle(mountPath: string, title: TitleEvent): void;
}

/** What of a mount's input titles need. */
export interface TitledInput {
  readonly path: string;
  readonly hasPulledSound: boolean;
  setPulledTitle(title: TitleEvent): void;
}

export function createSourceDesk(
  access: AccessDesk,
  liveSources: LiveSources,
  shoutcastMount: string | null,
  inputs: () => readonly TitledInput[],
): SourceDesk {
  const find = (path: string): TitledInput | undefined => inputs().find((input) => input.path === path);
  return {
    access,
    liveSources,
    shoutcastMount,
    hasSound: (path) => liveSources.get(path) !== null || find(path)?.hasPulledSound === true,
    setTitle: (path, title) => {
      const live = liveSources.get(path);
      if (live === null) find(path)?.setPulledTitle(title);
      else live.setTitle(title);
    },
  };
}
