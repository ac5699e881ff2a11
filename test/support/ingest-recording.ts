import type { SourceConfig } from '../../server/config/config.ts';
import type { IngestEvent, StateEvent } from '../../server/ingest/events.ts';
import { startIngest } from '../../server/ingest/ingest.ts';
import type { Ingest } from '../../server/ingest/ingest.ts';
import { seededRandom } from './seeded-random.ts';

/** An ingest whose events are kept, on the real clock. */
export interface IngestRecording {
  readonly ingest: Ingest;
  readonly events: readonly IngestEvent[];
  frameCount(): number;
  states(): readonly StateEvent['state'][];
  titles(): readonly string[];
  gaps(): readonly string[];
  /** The newest detail of a state. */
  lastDetail(): string;
}

export function recordIngest(...addresses: readonly string[]): IngestRecording {
  const events: IngestEvent[] = [];
  const sources: readonly SourceConfig[] = addresses.map((url) => ({ kind: 'url', url }));
  const ingest = startIngest({ sources, onEvent: (event) => events.push(event), random: seededRandom(1) });
  return {
    ingest,
    events,
    frameCount: () => events.filter(({ type }) => type === 'frame').length,
    states: () => events.flatMap((event) => (event.type === 'state' ? [event.state] : [])),
    titles: () => events.flatMap((event) => (event.type === 'title' ? [event.title] : [])),
    gaps: () => events.flatMap((event) => (event.type === 'gap' ? [event.reason] : [])),
    lastDetail: () =>
      events.flatMap((event) => (event.type === 'state' ? (event.detail ?? []) : [])).at(-1) ?? '',
  };
}
