import { spawn } from 'node:child_process';
import { createListener } from '../../client/listener/listener.ts';
import type { Listener } from '../../client/listener/listener.ts';
import { createNodeEnvironment } from '../../server/listener/node-environment.ts';
import type { Chunk } from '../../shared/chunk/chunk.ts';
import { decodeMetadata } from '../../shared/chunk/metadata-codec.ts';
import type { ChunkMetadata } from '../../shared/chunk/metadata.ts';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import type { EngineOutput } from '../../shared/swarm/engine-io.ts';

/** A listener's engine on a mount: what it plays was verified. */
export interface Hearing {
  readonly listener: Listener;
  /** In order; each was in time unless `lateCount` says otherwise. */
  readonly played: readonly Chunk[];
  skippedCount(): number;
  lateCount(): number;
  /** Of the chunks that carry a title, in order. */
  titles(): readonly ChunkMetadata[];
  /** Each epoch once, in order. */
  epochs(): readonly number[];
  stop(): Promise<void>;
}

/** @param url of the server. */
export async function hear(url: string, stationId: string, path: string): Promise<Hearing> {
  const described: unknown = await (await fetch(`${url}/api/stations/${stationId}`)).json();
  const station = stationDescriptionSchema.parse(described);
  const mount = station.mounts.find((candidate) => candidate.path === path);
  if (mount === undefined) throw new Error(`Cannot hear ${path}: ${stationId} has no such mount`);
  const played: Chunk[] = [];
  const events: EngineOutput[] = [];
  let skipped = 0;
  const listener = createListener({
    station,
    mount,
    publicKey: station.publicKey,
    participation: 'leaf',
    uploadCapKbps: 0,
    peersAllowed: false,
    sink: {
      play: (chunk, skippedBefore) => {
        played.push(chunk);
        skipped += skippedBefore;
      },
    },
    environment: createNodeEnvironment(),
    onEvent: (output) => {
      if (output.type === 'due') events.push(output);
    },
  });
  listener.start();
  return {
    listener,
    played,
    skippedCount: () => skipped,
    lateCount: () => events.filter((event) => event.type === 'due' && !event.inTime).length,
    titles: () => played.flatMap(titlesIn),
    epochs: () => Array.from(new Set(played.map(({ header }) => header.epoch))),
    stop: () => listener.stop(),
  };
}

function titlesIn(chunk: Chunk): readonly ChunkMetadata[] {
  const metadata = decodeMetadata(chunk);
  return metadata?.title === undefined ? [] : [metadata];
}

export interface Sound {
  readonly seconds: number;
  /** Root mean square, 0 to 1. */
  readonly loudness: number;
  /** What ffmpeg complained about. */
  readonly complaints: string;
}

/** Plays an address with ffmpeg for a while, as a player would. */
export async function ffmpegHears(url: string, seconds: number): Promise<Sound> {
  const child = spawn(
    'ffmpeg',
    [
      '-nostdin',
      '-v',
      'error',
      '-i',
      url,
      '-t',
      String(seconds),
      '-ac',
      '1',
      '-ar',
      '8000',
      '-f',
      's16le',
      'pipe:1',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const sound: Buffer[] = [];
  let complaints = '';
  child.stdout.on('data', (bytes: Buffer) => sound.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => {
    complaints += bytes.toString();
  });
  await new Promise((resolve) => {
    child.once('close', resolve);
  });
  const bytes = Buffer.concat(sound);
  let squares = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) squares += (bytes.readInt16LE(at) / 32_768) ** 2;
  const samples = bytes.length / 2;
  return { seconds: samples / 8000, loudness: samples === 0 ? 0 : Math.sqrt(squares / samples), complaints };
}
