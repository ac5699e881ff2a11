import { encodeTone } from './encoded-sound.ts';
import type { EncodedSound } from './encoded-sound.ts';
import { scriptChunks } from './chunk-script.ts';
import { buildScriptedPage } from './page-build.ts';
import { startPageServer } from './page-server.ts';
import type { Feed, PageServer } from './page-server.ts';

export const TITLE = 'La nuit, les abeilles dansent encore';

/** The page with a scripted listener, on one server for each thing that may become of the sound. */
export interface PageStage {
  address(feed: StageFeed): string;
  close(): Promise<void>;
}

export type StageFeed = 'mp3' | 'long' | 'never' | 'outage' | 'silent' | 'cut';

export async function openPageStage(): Promise<PageStage> {
  const folder = await buildScriptedPage();
  const servers = new Map<string, PageServer>();
  for (const [name, feed] of Object.entries(stageFeeds()))
    servers.set(name, await startPageServer({ folder, feeds: { mp3: feed } }));
  return {
    address: (feed) => servers.get(feed)?.address ?? '',
    close: async () => {
      await Promise.all([...servers.values()].map((server) => server.close()));
    },
  };
}

function stageFeeds(): Readonly<Record<StageFeed, Feed>> {
  const sound = encodeTone('mp3', 60, 440);
  const base = { config: sound.config, burstMs: 3500 };
  const script = scriptChunks([{ sound, titles: { 8: TITLE } }]);
  return {
    mp3: { ...base, script },
    long: longFeed(sound),
    never: { ...base, script: [] },
    outage: { ...base, script, outage: { fromMs: 4500, forMs: 15_000 } },
    silent: { ...base, script: [], silent: true },
    cut: { ...base, script: [], cutOff: true },
  };
}

/** Everything that a station may say, and all of it long. */
function longFeed(sound: EncodedSound): Feed {
  const title =
    'Concerto pour violon et orchestre en ré majeur, opus 61 : II. Larghetto (enregistrement public)';
  const artist = 'Orchestre philharmonique de Saint-Germain-en-Laye';
  const metadata = { title, artist, show: 'Les après-midi du conservatoire', artworkUrl: '/icon-512.png' };
  return {
    config: sound.config,
    burstMs: 3500,
    script: scriptChunks([{ sound, titles: { 4: 'Ouverture', 8: metadata } }]),
    named: [
      'Radio Saint-Germain-en-Laye',
      'La radio associative du plateau et des deux vallées, en direct jour et nuit depuis l’ancienne gare.',
    ],
  };
}
