import type { AccessDesk } from './access-desk.ts';
import type { LiveSources } from './live-sources.ts';

/** What a server that makes the sound itself has, and a relay has not: who may do what, and who is connected. */
export interface SourceDesk {
  readonly access: AccessDesk;
  readonly liveSources: LiveSources;
}
