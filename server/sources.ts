import type { Config, SourceConfig } from './config/config.ts';
import type { IngestEvent, TitleEvent } from './ingest/events.ts';
import { startIngest } from './ingest/ingest.ts';
import type { Ingest } from './ingest/ingest.ts';
import type { NowPlayingDesk } from './now-playing/now-playing-desk.ts';
import { Takeover } from './ingest/takeover.ts';
import type { LiveInput } from './ingest/takeover.ts';
import type { Log } from './log.ts';
import type { StationMount } from './station/station-mount.ts';
import type { Station } from './station/station.ts';

export type RunningSource = Pick<Ingest, 'stop'>;

/** Feeds a mount: gives its events to `onEvent`, one by one, until it is stopped. */
export type StartSource = (
  mount: StationMount,
  onEvent: (event: IngestEvent) => void,
  sources: readonly SourceConfig[],
) => RunningSource;

/** What feeds one mount: its pulled source, and whoever is live. */
export interface MountInput {
  readonly path: string;
  /** @param name for the log and the status, without secrets. One at a time: the one before must have ended. */
  beginLive(name: string): LiveInput;
  readonly hasPulledSound: boolean;
  setPulledTitle(title: TitleEvent): void;
  stop(): Promise<void>;
}

/** Starts every mount's source. @param start what tests put in the place of the real sources. */
export function startSources(
  config: Config,
  stations: readonly Station[],
  log: Log,
  start: StartSource = startConfigured,
  nowPlaying: NowPlayingDesk | null = null,
): readonly MountInput[] {
  return stations.flatMap((station, stationIndex) =>
    station.mounts.map((mount, mountIndex) => {
      const takeover = new Takeover((event) => {
        logEvent(log, mount, event);
        mount.handle(event);
      });
      const sources = config.stations[stationIndex]?.mounts[mountIndex]?.sources ?? [];
      if (sources.length === 0) takeover.waitForLive();
      const pulled = (event: IngestEvent): void => takeover.pulled(event);
      const running = start(mount, nowPlaying?.attach(station.id, pulled) ?? pulled, sources);
      return {
        path: mount.path,
        beginLive: (name) => takeover.beginLive(name),
        get hasPulledSound() {
          return takeover.hasPulledSound;
        },
        setPulledTitle: (title) => takeover.pulled(title),
        stop: () => running.stop(),
      };
    }),
  );
}

function logEvent(log: Log, mount: StationMount, event: IngestEvent): void {
  if (event.type === 'frame') return;
  if (event.type === 'state') {
    const { state, source, detail } = event;
    const level = state === 'failed' || state === 'waiting' ? 'warn' : 'info';
    log[level]({ mount: mount.path, source, ...(detail === undefined ? {} : { detail }) }, `source ${state}`);
  } else if (event.type === 'title') {
    log.debug({ mount: mount.path, title: event.title, artist: event.artist }, 'title');
  } else if (event.type === 'gap') {
    log.info({ mount: mount.path, reason: event.reason }, 'gap: a new epoch begins');
  } else {
    const { codec, sampleRateHz, channelCount } = event.config;
    log.info({ mount: mount.path, codec, sampleRateHz, channelCount }, 'codec');
  }
}

const startConfigured: StartSource = (_, onEvent, sources) =>
  sources.length === 0 ? NOTHING_PULLED : startIngest({ sources, onEvent, random: Math.random });

/** The mount is fed by source clients only. */
const NOTHING_PULLED: RunningSource = { stop: () => Promise.resolve() };
