import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kill } from './ffmpeg.ts';
import { freePort } from './icecast.ts';
import { waitFor } from './wait-for.ts';

/** Where a program is told to send its sound. */
export interface SourceTarget {
  readonly port: number;
  /** E.g. `/live.mp3`. */
  readonly mount: string;
  readonly user: string;
  readonly password: string;
}

export interface SourceProgram {
  /** Everything it wrote to its terminal. */
  said(): string;
  /** Tells it what plays, where it can be told. */
  setTitle(title: string): void;
  stop(): Promise<void>;
}

/** A program of a radio that sends to Icecast, in real time, until it is stopped. Its files are in a folder of its own. */
export type StartProgram = (target: SourceTarget) => Promise<SourceProgram>;

export const TAGS = { title: 'Sodade é', artist: 'Cesária Évora' } as const;

/** ezstream: libshout with files that are encoded already; it takes titles from their tags. */
export const startEzstream: StartProgram = (target) =>
  inFolder((folder) => {
    const song = tone(folder, 'song.mp3', ['-c:a', 'libmp3lame', '-b:a', '128k']);
    const config = join(folder, 'ezstream.xml');
    writeFileSync(
      config,
      `<ezstream>
        <servers><server><protocol>HTTP</protocol><hostname>127.0.0.1</hostname><port>${target.port}</port>
          <user>${target.user}</user><password>${target.password}</password></server></servers>
        <streams><stream><mountpoint>${target.mount}</mountpoint><format>MP3</format>
          <stream_name>Radio ez</stream_name><stream_genre>Morna</stream_genre></stream></streams>
        <intakes><intake><type>file</type><filename>${song}</filename></intake></intakes>
      </ezstream>`,
      { mode: 0o600 },
    );
    return Promise.resolve([spawn('ezstream', ['-v', '-c', config])]);
  });

/** ices2: libshout with Ogg Vorbis. */
export const startIces: StartProgram = (target) =>
  inFolder((folder) => {
    const list = join(folder, 'list.txt');
    writeFileSync(
      list,
      `${tone(folder, 'song.ogg', ['-c:a', 'libvorbis', '-q:a', '3', '-page_duration', '200000'])}\n`,
    );
    const config = join(folder, 'ices.xml');
    writeFileSync(
      config,
      `<ices><background>0</background><logpath>${folder}</logpath><logfile>ices.log</logfile><consolelog>1</consolelog>
        <stream><metadata><name>Radio ices</name><genre>Morna</genre><description>All day</description></metadata>
          <input><module>playlist</module><param name="type">basic</param><param name="file">${list}</param></input>
          <instance><hostname>127.0.0.1</hostname><port>${target.port}</port><password>${target.password}</password>
            <username>${target.user}</username><mount>${target.mount}</mount></instance>
        </stream></ices>`,
    );
    return Promise.resolve([spawn('ices2', [config])]);
  });

/** Liquidsoap, which encodes by itself; it tells titles by `/admin/metadata` where the format has none. */
export const startLiquidsoap: StartProgram = (target) =>
  inFolder((folder) => {
    const song = tone(folder, 'song.ogg', ['-c:a', 'libvorbis']);
    const script = join(folder, 'radio.liq');
    writeFileSync(
      script,
      `set("init.allow_root", true)
radio = mksafe(single("${song}"))
output.icecast(%mp3(bitrate=128), host="127.0.0.1", port=${target.port}, user="${target.user}",
  password="${target.password}", mount="${target.mount.slice(1)}", name="Radio liq", radio)
`,
    );
    return Promise.resolve([spawn('liquidsoap', [script])]);
  });

/**
 * BUTT, a window with buttons, on a screen of its own (Xvfb), pressed by its remote control. Its sound card is JACK's
 * dummy: silence, in real time.
 */
export const startButt: StartProgram = async (target) => {
  const controlPort = await freePort();
  let environment: NodeJS.ProcessEnv = {};
  const control = (...words: readonly string[]): void => {
    execFileSync('butt', ['-p', String(controlPort), ...words], {
      env: environment,
      stdio: 'ignore',
      timeout: 10_000,
    });
  };
  const program = await inFolder(async (folder) => {
    const config = join(folder, 'butt.cfg');
    writeFileSync(config, buttConfiguration(target, folder));
    const { screen, display } = await startScreen();
    const name = `essaim-${controlPort}`;
    const card = spawn('jackd', ['-n', name, '--no-realtime', '-d', 'dummy', '-r', '44100', '-p', '1024'], {
      stdio: 'ignore',
    });
    execFileSync('jack_wait', ['-s', name, '-w', '-t', '20'], { stdio: 'ignore', timeout: 30_000 });
    environment = { ...process.env, HOME: folder, DISPLAY: display, JACK_DEFAULT_SERVER: name };
    const butt = spawn('butt', ['-c', config, '-p', String(controlPort)], { env: environment });
    return [butt, screen, card];
  });
  try {
    await waitFor('BUTT takes orders', () => program.said().includes('Command server listening'), 30_000);
    control('-s', 'Essaim');
  } catch (error) {
    await program.stop();
    throw error;
  }
  return { ...program, setTitle: (title) => control('-u', title) };
};

const buttConfiguration = ({ port, mount, user, password }: SourceTarget, folder: string): string => `[main]
server = Essaim
num_of_srv = 1
srv_ent = Essaim
num_of_icy = 0
gain = 1.0
check_for_update = 0

[audio]
device = default
samplerate = 44100
bitrate = 128
channel = 2
codec = mp3
buffer_ms = 50

[record]
codec = mp3
bitrate = 128
samplerate = 44100
channel = 2
folder = ${folder}/
filename = rec.mp3

[Essaim]
address = 127.0.0.1
port = ${port}
password = ${password}
type = 1
tls = 0
mount = ${mount.slice(1)}
usr = ${user}
`;

async function startScreen(): Promise<{ readonly screen: ChildProcess; readonly display: string }> {
  const screen = spawn('Xvfb', ['-displayfd', '3', '-nolisten', 'tcp', '-screen', '0', '800x600x24'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  let number = '';
  screen.stdio[3]?.on('data', (bytes: Buffer) => {
    number += bytes.toString();
  });
  await waitFor('a screen is there', () => number.includes('\n'), 20_000);
  return { screen, display: `:${number.trim()}` };
}

/** @param start gives the processes, the program itself first. */
async function inFolder(start: (folder: string) => Promise<readonly ChildProcess[]>): Promise<SourceProgram> {
  const folder = mkdtempSync(join(tmpdir(), 'essaim-source-'));
  const children = await start(folder);
  let said = '';
  for (const stream of [children[0]?.stdout, children[0]?.stderr])
    stream?.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
  return {
    said: () => said,
    setTitle: () => {
      throw new Error('Cannot set a title as the program takes it from the file');
    },
    stop: async () => {
      const [program, ...others] = children;
      if (program !== undefined) await kill(program);
      // These leave locks and shared memory behind when they are killed.
      for (const other of others) {
        const exit = once(other, 'exit');
        other.kill('SIGTERM');
        await exit;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A minute of a tone with tags; returns its path. */
function tone(folder: string, name: string, encoder: readonly string[]): string {
  const file = join(folder, name);
  const source = 'sine=frequency=440:duration=60:sample_rate=44100';
  const tags = Object.entries(TAGS).flatMap(([key, value]) => ['-metadata', `${key}=${value}`]);
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', source, '-ac', '2', ...tags, ...encoder, file]);
  return file;
}
