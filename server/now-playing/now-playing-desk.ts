import type { NowPlayingConfig, StationConfig } from '../config/config.ts';
import type { Clock } from '../ingest/clock.ts';
import type { IngestEvent } from '../ingest/events.ts';
import type { Log } from '../log.ts';
import type { NowPlaying } from './now-playing.ts';
import { Artwork } from './artwork.ts';
import type { Picture } from './artwork.ts';
import { NowPlayingPoller } from './now-playing-poller.ts';
import { TitleAttacher } from './title-attacher.ts';

/** What is known of each station's now-playing, and the mounts that it is attached to. */
export class NowPlayingDesk {
  readonly #clock: Clock;
  readonly #byStation: ReadonlyMap<string, Desk>;
  readonly #pollers: readonly NowPlayingPoller[];
  readonly #artwork: Artwork;

  constructor(stations: readonly StationConfig[], log: Log, clock: Clock) {
    this.#clock = clock;
    this.#artwork = new Artwork(log);
    const desks = stations.flatMap(({ id, nowPlaying }): readonly (readonly [string, Desk])[] =>
      nowPlaying === null ? [] : [[id, { config: nowPlaying, attachers: [], known: null }]],
    );
    this.#byStation = new Map(desks);
    this.#pollers = desks.flatMap(([id, { config }]) =>
      config.url === null
        ? []
        : [
            new NowPlayingPoller({
              url: config.url,
              onNowPlaying: (nowPlaying) => this.know(id, nowPlaying),
              log,
              clock,
            }),
          ],
    );
  }

  /** Puts itself between a pulled source and its mount. */
  attach(stationId: string, emit: (event: IngestEvent) => void): (event: IngestEvent) => void {
    const desk = this.#byStation.get(stationId);
    if (desk === undefined) return emit;
    const attacher = new TitleAttacher(emit, this.#clock, desk.config.delayMs);
    desk.attachers.push(attacher);
    if (desk.known !== null) attacher.know(desk.known);
    return (event) => attacher.take(event);
  }

  know(stationId: string, nowPlaying: NowPlaying): void {
    const desk = this.#byStation.get(stationId);
    if (desk === undefined) return;
    desk.known = nowPlaying;
    for (const attacher of desk.attachers) attacher.know(nowPlaying);
  }

  /** The artwork of what played a while ago, plays or will play; null: it is of none of them, or cannot be had. */
  artwork(stationId: string, url: string): Promise<Picture | null> {
    const known = this.#byStation.get(stationId)?.known;
    const songs = [known?.current, ...(known?.others ?? [])];
    return url !== '' && songs.some((song) => song?.artworkUrl === url)
      ? this.#artwork.get(url)
      : Promise.resolve(null);
  }

  /** Null: this station takes no webhook. */
  webhookToken(stationId: string): string | null {
    return this.#byStation.get(stationId)?.config.webhookToken ?? null;
  }

  stop(): void {
    for (const poller of this.#pollers) poller.stop();
    for (const { attachers } of this.#byStation.values()) for (const attacher of attachers) attacher.stop();
  }
}

interface Desk {
  readonly config: NowPlayingConfig;
  readonly attachers: TitleAttacher[];
  known: NowPlaying | null;
}
