import { loadDemo } from '../../../server/demo/demo-feed.ts';
import { signChunk } from '../../../server/station/chunk-signer.ts';
import { mountIdOf } from '../../../server/station/mount-id.ts';
import { Packager } from '../../../server/station/packager.ts';
import type { ChunkDraft } from '../../../server/station/packager.ts';
import { ephemeralStationKey } from '../../../server/station/station-key.ts';
import { epoch, unixMillis } from '../../../shared/units.ts';
import { rounded } from './section.ts';
import type { Row, Section } from './section.ts';

/** How many chunks a second one core could make: frames of the demo through packager and signer. */
export const packagerSection: Section = {
  name: 'packager',
  title: 'Packager and signer',
  run: ({ quick }) => Promise.resolve(measure(quick ? 500 : 3_000)),
};

function measure(durationMs: number): readonly Row[] {
  const { frames, config } = loadDemo();
  const key = ephemeralStationKey();
  const mountId = mountIdOf(key.publicKey, '/live.mp3');
  const run = (
    handle: (draft: ChunkDraft) => void,
    lastsMs: number,
  ): { count: number; perSecond: number } => {
    const packager = new Packager(() => epoch(1));
    packager.setConfig(config);
    const started = performance.now();
    let count = 0;
    let elapsedMs = 0;
    while (elapsedMs < lastsMs) {
      for (const frame of frames)
        for (const draft of packager.addFrame(frame)) {
          handle(draft);
          count += 1;
        }
      elapsedMs = performance.now() - started;
    }
    return { count, perSecond: (count * 1000) / elapsedMs };
  };
  let wireBytes = 0;
  const sign = (draft: ChunkDraft): void => {
    wireBytes += signChunk(draft, mountId, unixMillis(Date.now()), key).wire.length;
  };
  // Twice each: the first warms up.
  run(ignore, durationMs / 4);
  const packaged = run(ignore, durationMs);
  run(sign, durationMs / 4);
  wireBytes = 0;
  const signed = run(sign, durationMs);
  return [
    { of: 'packaged', figures: { chunksPerSecond: rounded(packaged.perSecond) } },
    {
      of: 'packagedAndSigned',
      figures: {
        chunksPerSecond: rounded(signed.perSecond),
        chunkBytesMean: rounded(wireBytes / signed.count),
      },
    },
  ];
}

const ignore = (): void => undefined;
