import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CodecName } from '../../shared/codec/codec.ts';
import { encodeTone } from '../support/encoded-sound.ts';
import { playFor, versionOf } from '../support/real-player.ts';
import type { PlayerName } from '../support/real-player.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';
import { pumpSound } from '../support/sound-pump.ts';

const TITLE = 'Größe der Nacht';

describe.each(['mp3', 'aac', 'opus', 'vorbis', 'flac'] as const)('real players on a mount of %s', (codec) => {
  let server: ScriptedServer;
  let stop: () => void;
  beforeAll(async () => {
    const mounts = [{ path: `/live.${codec}`, sources: ['demo'] }];
    server = await startScriptedServer({
      config: { webrtc: { enabled: false }, stations: [{ id: 'radio', name: 'Radio', mounts }] },
    });
    server.emit({ type: 'title', title: TITLE, artist: 'Zoë' });
    stop = pumpSound(server, encodeTone(codec, 12, 440));
  });
  afterAll(async () => {
    stop();
    await server.stop();
  });

  it.each(playersOf(codec))('%s hears the tone', async (name) => {
    const seconds = secondsFor(name, codec);
    const heard = await playFor(name, `${server.url}/live.${codec}`, seconds);
    expect(heard.frequencyHz, `${versionOf(name)}: ${heard.said.slice(-2000)}`).toBeGreaterThan(420);
    expect(heard.frequencyHz).toBeLessThan(460);
    expect(heard.seconds).toBeGreaterThan(0.4);
    if (TELLING.has(name) && (codec === 'mp3' || codec === 'aac'))
      expect(heard.said).toContain(`Zoë - ${TITLE}`);
  });
});

/** Those that write down the title that they read. */
const TELLING: ReadonlySet<PlayerName> = new Set(['mpv', 'ffmpeg', 'gstreamer']);

function secondsFor(name: PlayerName, codec: CodecName): number {
  // VLC wants a good many seconds of FLAC before it begins.
  if (name === 'vlc') return codec === 'flac' ? 8 : 2;
  // It plays as fast as it gets sound, and may be through with the burst before it has written the title down.
  return name === 'mpv' ? 6 : 2;
}

/** GStreamer's and curl's part is the protocol, so one codec is enough. */
function playersOf(codec: CodecName): readonly PlayerName[] {
  return codec === 'mp3' ? ['mpv', 'vlc', 'ffmpeg', 'gstreamer', 'curl'] : ['mpv', 'vlc', 'ffmpeg'];
}
