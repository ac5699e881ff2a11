import { describe, expect, test } from 'vitest';
import {
  DESCRIPTION_HEDGE_MS,
  DESCRIPTION_TIMEOUT_MS,
  StationDirectory,
} from '../../../client/playback/station-description.ts';
import type { StationDescription } from '../../../shared/station/description.ts';
import { FakeClock, settled } from '../../support/fake-clock.ts';
import { fakeEdges } from '../../support/fake-edges.ts';
import type { EdgeScript } from '../../support/fake-edges.ts';

const STATION: StationDescription = {
  id: 'demo',
  name: 'Demo',
  description: '',
  publicKey: 'A'.repeat(43),
  mounts: [],
  edges: ['http://a', 'http://b'],
  trackers: [],
  iceServers: [],
};
const saying =
  (changes: Partial<StationDescription> = {}): EdgeScript =>
  () =>
    Response.json({ ...STATION, ...changes });
const never: EdgeScript = () => new Promise<Response>(() => undefined);

function setUp(scripts: Readonly<Record<string, EdgeScript>>) {
  const clock = new FakeClock();
  const { fetch, requests } = fakeEdges(scripts);
  const directory = new StationDirectory(STATION, clock, fetch);
  return { clock, directory, asked: () => requests.map(({ edge }) => edge) };
}

describe('a station’s description', () => {
  test('comes from the first edge that the page named, while it answers', async () => {
    const { directory, asked } = setUp({ a: saying({ name: 'Now' }), b: saying() });
    expect((await directory.present())?.name).toBe('Now');
    expect(asked()).toEqual(['a']);
  });

  test.each([
    ['cannot be reached', undefined],
    ['does not know the station', () => new Response(null, { status: 404 })],
    ['sends a page', () => new Response('<!doctype html>')],
    ['sends another shape', () => Response.json({ name: 'Demo' })],
    ['describes a station with another key', saying({ publicKey: 'B'.repeat(43) })],
  ] as const)('comes from the next at once when one %s', async (_, script) => {
    const { directory } = setUp({ ...(script === undefined ? {} : { a: script }), b: saying({ name: 'B' }) });
    expect((await directory.present())?.name).toBe('B');
  });

  test('comes from the next as well when one is silent', async () => {
    const { directory, clock, asked } = setUp({ a: never, b: saying({ name: 'B' }) });
    const present = directory.present();
    await clock.advanceSettled(DESCRIPTION_HEDGE_MS);
    expect((await present)?.name).toBe('B');
    expect([asked(), clock.pending]).toEqual([['a', 'b'], 0]);
  });

  test('is null when no edge has it', async () => {
    const { directory, clock } = setUp({ a: never });
    const present = directory.present();
    await clock.advanceSettled(DESCRIPTION_HEDGE_MS + DESCRIPTION_TIMEOUT_MS);
    await settled();
    expect(await present).toBeNull();
    expect(clock.pending).toBe(0);
  });

  test('names edges that are asked from then on, after those of the page, so that an old page finds its way', async () => {
    let isUp = true;
    const dying: EdgeScript = (path, body) =>
      isUp
        ? saying({ edges: ['http://c', 'http://a', 'not an address'] })(path, body)
        : new Response(null, { status: 502 });
    const { directory } = setUp({ a: dying, c: saying({ name: 'C' }) });
    await directory.present();
    expect(directory.edges).toEqual(['http://a', 'http://b', 'http://c']);
    isUp = false;
    expect((await directory.present())?.name).toBe('C');
  });
});
