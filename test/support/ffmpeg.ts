import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CodecName } from '../../shared/codec/codec.ts';

const FILE_BYTES_MAX = 256 * 1024 * 1024;

/** How ffmpeg encodes each codec the way a station does, and what Icecast must be told it is. */
const ENCODERS: Readonly<Record<CodecName, { readonly arguments: string; readonly contentType: string }>> = {
  mp3: { arguments: '-c:a libmp3lame -b:a 128k -f mp3', contentType: 'audio/mpeg' },
  aac: { arguments: '-c:a aac -b:a 96k -f adts', contentType: 'audio/aac' },
  opus: { arguments: '-c:a libopus -b:a 64k -page_duration 100000 -f ogg', contentType: 'application/ogg' },
  vorbis: { arguments: '-c:a libvorbis -q:a 3 -f ogg', contentType: 'application/ogg' },
  flac: {
    arguments: '-c:a flac -sample_fmt s16 -page_duration 100000 -f ogg',
    contentType: 'application/ogg',
  },
};

export interface EncodeOptions {
  readonly codec: CodecName;
  readonly seconds: number;
  readonly channelCount?: 1 | 2;
  readonly sampleRateHz?: number;
  /** E.g. `-metadata title=Évora`. One array element per argument. */
  readonly extra?: readonly string[];
}

/** A file as ffmpeg makes it: a chord over noise, so that frames differ in size and content. */
export function encodeFile(options: EncodeOptions): Uint8Array {
  const { codec, seconds, channelCount = 2, sampleRateHz = 48_000, extra = [] } = options;
  const encoder = words(ENCODERS[codec].arguments);
  const file = execFileSync(
    'ffmpeg',
    [
      ...words(QUIET),
      ...input(seconds, sampleRateHz),
      '-ac',
      String(channelCount),
      ...extra,
      ...encoder,
      'pipe:1',
    ],
    { maxBuffer: FILE_BYTES_MAX },
  );
  return new Uint8Array(file);
}

export interface ProbedPacket {
  readonly byteLength: number;
  /** Of the packet's bytes, in hexadecimal. */
  readonly sha256: string;
}

/** What ffmpeg's own demuxer takes the file's packets to be. */
export function probePackets(file: Uint8Array): readonly ProbedPacket[] {
  const folder = mkdtempSync(join(tmpdir(), 'essaim-probe-'));
  try {
    const path = join(folder, 'sound');
    writeFileSync(path, file);
    const copy = [
      '-i',
      path,
      '-map',
      '0:a',
      '-c',
      'copy',
      '-copyts',
      '-f',
      'framehash',
      '-hash',
      'sha256',
      '-',
    ];
    const text = execFileSync('ffmpeg', [...words(QUIET), ...copy], { maxBuffer: FILE_BYTES_MAX }).toString();
    return text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split(',').map((field) => field.trim()))
      .map((fields) => ({ byteLength: Number(fields[4]), sha256: fields[5] ?? '' }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An ffmpeg that plays to an Icecast mount in real time, until it is stopped. */
export interface FfmpegSource {
  stop(): Promise<void>;
}

export interface SourceOptions {
  readonly codec: CodecName;
  /** `icecast://source:password@host:port/mount`. */
  readonly target: string;
  readonly title?: string;
}

export function startFfmpegSource({ codec, target, title }: SourceOptions): FfmpegSource {
  const { arguments: encoder, contentType } = ENCODERS[codec];
  const metadata = title === undefined ? [] : ['-metadata', `title=${title}`];
  const child = spawn(
    'ffmpeg',
    [
      ...words(QUIET),
      '-re',
      ...input(3600, 48_000),
      ...metadata,
      ...words(`-ac 2 ${encoder} -content_type ${contentType}`),
      target,
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  return { stop: () => kill(child) };
}

/** Kills a process of ours and waits until it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

const QUIET = '-nostdin -v error';
const words = (text: string): readonly string[] => text.split(' ');

function input(seconds: number, sampleRateHz: number): readonly string[] {
  const tone = `0.2*sin(440*2*PI*t)+0.1*sin(554*2*PI*t*(1+0.1*sin(t)))+0.03*(random(0)-0.5)`;
  return ['-f', 'lavfi', '-i', `aevalsrc=${tone}:s=${sampleRateHz}:d=${seconds}`];
}
