import type { ScriptedServer } from './scripted-server.ts';
import type { EncodedSound } from './encoded-sound.ts';

/** Plays frames into a scripted server as a live source would, over and over, until it is stopped. */
export function pumpSound(server: ScriptedServer, { config, frames }: EncodedSound): () => void {
  server.emit({ type: 'config', config });
  const startedAt = performance.now();
  let samples = -AHEAD_SECONDS * config.sampleRateHz;
  let index = 0;
  const pump = (): void => {
    const due = ((performance.now() - startedAt) / 1000) * config.sampleRateHz;
    while (samples < due) {
      const frame = frames[index % frames.length];
      if (frame === undefined) return;
      server.emit({ type: 'frame', frame });
      samples += frame.sampleCount;
      index += 1;
    }
  };
  pump();
  const timer = setInterval(pump, 20);
  return () => clearInterval(timer);
}

/** There at once, so that a player that joins finds a full burst. */
const AHEAD_SECONDS = 8;
