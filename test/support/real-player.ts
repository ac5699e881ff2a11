import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';

/** A program that plays a stream into a file, and what it says while it does. */
export interface RealPlayer {
  readonly name: string;
  /** What tells its version. */
  readonly version: readonly string[];
  /** The command that plays about `seconds` of `url` into the WAV (or any sound) file `file`. */
  command(url: string, file: string, seconds: number): readonly string[];
}

export interface Heard {
  /** Of sound in the file. */
  readonly seconds: number;
  /** The tone that is in it, by its zero crossings; 0: silence. */
  readonly frequencyHz: number;
  readonly said: string;
}

const PLAYERS = {
  mpv: {
    name: 'mpv',
    version: ['mpv', '--version'],
    command: (url, file, seconds) => [
      'mpv',
      '--no-config',
      '--no-video',
      '--ao=pcm',
      `--ao-pcm-file=${file}`,
      `--end=${seconds}`,
      '--untimed',
      url,
    ],
  },
  vlc: {
    name: 'VLC',
    version: ['vlc', '-I', 'dummy', '--version'],
    command: (url, file, seconds) => [
      'vlc',
      '-I',
      'dummy',
      '--no-video',
      '-vv',
      `--run-time=${seconds}`,
      '--play-and-exit',
      '--sout',
      `#transcode{acodec=s16l,channels=2,samplerate=44100}:std{access=file,mux=wav,dst=${file}}`,
      url,
      'vlc://quit',
    ],
  },
  ffmpeg: {
    name: 'ffmpeg',
    version: ['ffmpeg', '-version'],
    command: (url, file, seconds) => [
      'ffmpeg',
      '-nostdin',
      '-v',
      'info',
      '-y',
      '-i',
      url,
      '-t',
      String(seconds),
      '-f',
      'wav',
      file,
    ],
  },
  gstreamer: {
    name: 'GStreamer',
    version: ['gst-launch-1.0', '--version'],
    command: (url, file, seconds) => [
      'gst-launch-1.0',
      '-t',
      'souphttpsrc',
      `location=${url}`,
      'iradio-mode=true',
      // Blocks of 4 KiB; enough for the asked time at 128 kbit/s.
      `num-buffers=${Math.ceil((seconds * 16_000) / 4096)}`,
      '!',
      'icydemux',
      '!',
      'decodebin',
      '!',
      'audioconvert',
      '!',
      'wavenc',
      '!',
      'filesink',
      `location=${file}`,
    ],
  },
  curl: {
    name: 'curl',
    version: ['curl', '--version'],
    command: (url, file, seconds) => [
      'curl',
      '--http1.0',
      '-s',
      '-i',
      '--max-time',
      String(seconds),
      '-o',
      file,
      url,
    ],
  },
} as const satisfies Readonly<Record<string, RealPlayer>>;

export type PlayerName = keyof typeof PLAYERS;

/** Lets the program play, until it has what it was asked for. It never takes longer than 30 s. */
export async function playFor(name: PlayerName, url: string, seconds: number): Promise<Heard> {
  const folder = mkdtempSync(join(tmpdir(), 'essaim-player-'));
  chmodSync(folder, 0o777);
  const file = join(folder, 'sound');
  try {
    const said = await run(PLAYERS[name].command(url, file, seconds), folder);
    return { ...listen(file), said };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** First line of what the program says of itself. */
export const versionOf = (name: PlayerName): string => {
  const [program = '', ...rest] = asPlainUser(PLAYERS[name].version);
  return (
    execFileSync(program, rest, {
      env: { ...process.env, HOME: tmpdir() },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .toString()
      .split('\n')[0]
      ?.trim() ?? ''
  );
};

/** VLC refuses to run as root. */
const asPlainUser = (command: readonly string[]): readonly string[] =>
  process.getuid?.() === 0
    ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', ...command]
    : command;

async function run(command: readonly string[], home: string): Promise<string> {
  const [program = '', ...rest] = asPlainUser(command);
  const child = spawn(program, rest, {
    env: { ...process.env, HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 30_000,
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stdout.on('data', (data) => (said += String(data)));
  child.stderr.on('data', (data) => (said += String(data)));
  await Promise.all([finished(child.stdout), finished(child.stderr)]);
  return said;
}

const RATE = 8000;

/** By ffmpeg, as samples. An HTTP head before the sound (as `curl -i` writes it) is passed over by it. */
function listen(file: string): Omit<Heard, 'said'> {
  const bytes = execFileSync(
    'ffmpeg',
    ['-nostdin', '-v', 'fatal', '-i', file, '-ac', '1', '-ar', String(RATE), '-f', 's16le', 'pipe:1'],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  let crossings = 0;
  let before = 0;
  for (let offset = 0; offset + 1 < bytes.length; offset += 2) {
    const sample = bytes.readInt16LE(offset);
    if (before < 0 && sample >= 0) crossings += 1;
    before = sample;
  }
  const seconds = bytes.length / 2 / RATE;
  return { seconds, frequencyHz: seconds === 0 ? 0 : crossings / seconds };
}
