import { GuestSeeds } from '../../server/relay/public/guest-seeds.ts';
import type { RelayIdentity } from '../../server/relay/relay-identity.ts';
import { startRegistration } from '../../server/relay/registration.ts';
import { EgressCounter } from '../../server/edge/egress.ts';
import { silentLog } from '../../server/log.ts';
import { MediasoupSeeding } from '../../server/seeding/seeding.ts';
import type { LiveMount } from '../../server/station/live-mount.ts';
import { decodeChunk } from '../../shared/chunk/chunk-codec.ts';
import { chunkStripe, SIGNATURE_LENGTH } from '../../shared/chunk/chunk.ts';
import type { Chunk } from '../../shared/chunk/chunk.ts';

/** What it does to the chunks that it pushes to seeds: a byte is another, all is old, or one stripe is left out. */
export type SeedMisdeed = 'forges' | 'delays' | 'withholds';

export interface DishonestSeeder {
  /** Null: honest. */
  misdeed: SeedMisdeed | null;
  /** Chunks that it spoiled, held back or left out while it fed a seed. */
  misdeedCount(): number;
  /** Seeds that it feeds now and would wrong so. */
  wronged(misdeed: SeedMisdeed): number;
  stop(): Promise<void>;
}

export interface DishonestSeederOptions {
  readonly origin: string;
  readonly stationKey: string;
  readonly mount: LiveMount;
  /** Those of a relay that is honest to whoever asks it over HTTP. */
  readonly identity: RelayIdentity;
  readonly publicUrl: string;
}

const DELAY_MS = 3_000;
const WITHHELD_STRIPE = 1;

/** A relay's connection to the station with a real mediasoup that says it is idle, and wrongs those it feeds. */
export function startDishonestSeeder(options: DishonestSeederOptions): DishonestSeeder {
  const { mount, origin, stationKey, identity, publicUrl } = options;
  let misdeeds = 0;
  /** Stripes of each seed that it feeds. */
  const fed = new Map<number, readonly number[]>();
  const noteIfFed = (): void => {
    if (guests.count > 0) misdeeds += 1;
  };
  /** The mount as those see it who are wronged. */
  const treated: LiveMount = {
    id: mount.id,
    path: mount.path,
    window: mount.window,
    bitrateKbps: mount.bitrateKbps,
    description: () => mount.description(),
    onChunk: (listener) =>
      mount.onChunk((chunk) => {
        switch (seeder.misdeed) {
          case null:
            listener(chunk);
            return;
          case 'forges':
            noteIfFed();
            listener(spoiled(chunk));
            return;
          case 'delays':
            noteIfFed();
            setTimeout(() => listener(chunk), DELAY_MS).unref();
            return;
          case 'withholds':
            if (chunkStripe(chunk) === WITHHELD_STRIPE) noteIfFed();
            else listener(chunk);
        }
      }),
  };
  const own = new MediasoupSeeding({
    mounts: [treated],
    config: { enabled: true, port: 0, announcedAddress: null, workersMax: 1 },
    egress: new EgressCounter(),
    log: silentLog(),
    random: Math.random,
  });
  const guests = new GuestSeeds({ own, whyNot: () => null });
  guests.start({
    onPath: () => undefined,
    onStalled: () => undefined,
    onLost: () => undefined,
    onMoved: () => undefined,
  });
  const registration = startRegistration({
    origin,
    stationKey,
    identity,
    nickname: null,
    publicUrl,
    isTracking: false,
    mountIds: null,
    guests: {
      open: (send) => {
        fed.clear();
        const line = guests.open((message) => {
          if (message.type === 'seedEnded') for (const seed of message.seeds) fed.delete(seed);
          send(message);
        });
        return {
          ...line,
          heard: (message) => {
            if (message.type === 'seed') fed.set(message.seed, message.stripes);
            else if (message.type === 'seedRelease') fed.delete(message.seed);
            line.heard(message);
          },
        };
      },
    },
    figures: () => ({
      listeners: 0,
      uploadKbps: 0,
      uploadMaxKbps: 1_000_000,
      month: '',
      bytesMonth: 0,
      load: 0,
      seeding: guests.isUp ? { seeds: 0, free: 1_000 } : null,
    }),
    onState: () => undefined,
    log: silentLog(),
  });
  const seeder: DishonestSeeder = {
    misdeed: null,
    misdeedCount: () => misdeeds,
    wronged: (misdeed) =>
      [...fed.values()].filter((stripes) => misdeed !== 'withholds' || stripes.includes(WITHHELD_STRIPE))
        .length,
    stop: async () => {
      registration.stop();
      await guests.stop();
    },
  };
  return seeder;
}

function spoiled(chunk: Chunk): Chunk {
  const wire = Uint8Array.from(chunk.wire);
  const at = wire.length - SIGNATURE_LENGTH - 1;
  wire[at] = (wire[at] ?? 0) ^ 1;
  const decoded = decodeChunk(wire);
  if (!decoded.ok) throw new Error('Cannot spoil a chunk as it must stay readable');
  return decoded.chunk;
}
