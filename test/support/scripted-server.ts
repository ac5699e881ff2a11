import type { IngestEvent } from '../../server/ingest/events.ts';
import type { Frame } from '../../shared/codec/codec.ts';
import { MP3_CONFIG } from './made-frames.ts';
import { startTestServer } from './server.ts';
import type { TestServer, TestServerOptions } from './server.ts';

/** A whole server whose mounts play what the test gives them, when the test gives it. */
export interface ScriptedServer extends TestServer {
  /** To all mounts. */
  readonly emit: (event: IngestEvent) => void;
  readonly play: (frames: readonly Frame[]) => void;
  readonly mountId: string;
  /** Base of the first mount's API addresses. */
  readonly mountUrl: string;
}

export async function startScriptedServer(options: TestServerOptions = {}): Promise<ScriptedServer> {
  const sinks: ((event: IngestEvent) => void)[] = [];
  const server = await startTestServer({
    // Nothing scripted needs a mediasoup worker, unless its test says so.
    config: { webrtc: { enabled: false }, ...options.config },
    parts: {
      startSource: (_, onEvent) => {
        sinks.push(onEvent);
        return { stop: () => Promise.resolve() };
      },
      ...options.parts,
    },
  });
  const emit = (event: IngestEvent): void => {
    for (const sink of sinks) sink(event);
  };
  emit({ type: 'state', state: 'live', source: 'script' });
  emit({ type: 'config', config: MP3_CONFIG });
  const mountId = server.stations[0]?.mounts[0]?.id ?? '';
  return {
    ...server,
    emit,
    play: (frames) => {
      for (const frame of frames) emit({ type: 'frame', frame });
    },
    mountId,
    mountUrl: `${server.url}/api/mounts/${mountId}`,
  };
}
