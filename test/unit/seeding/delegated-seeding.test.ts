import { beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../../server/log.ts';
import {
  DelegatedSeeding,
  LEAVE_AFTER_MS,
  PLACING_MAX_MS,
  PROVED_AFTER_MS,
  TEND_INTERVAL_MS,
} from '../../../server/seeding/delegated-seeding.ts';
import { PLACE_BACK_OFF } from '../../../server/seeding/place-choice.ts';
import { mountId, peerId, stripe } from '../../../shared/units.ts';
import type { PeerId } from '../../../shared/units.ts';
import { FakeClock, settled } from '../../support/fake-clock.ts';
import { FakePlace, FakePlaces, FakeSeeding } from '../../support/fake-seeding.ts';

const MOUNT = mountId('00000000000000aa');
const ALICE = peerId('000000000000000a');
const BOB = peerId('000000000000000b');
const ONE = [stripe(1)];

let own: FakeSeeding;
let near: FakePlace;
let far: FakePlace;
let places: FakePlaces;
let clock: FakeClock;
let seeding: DelegatedSeeding;
let heard: string[];

beforeEach(() => {
  own = new FakeSeeding();
  near = new FakePlace('near');
  far = new FakePlace('far');
  far.load = 0.5;
  places = new FakePlaces();
  clock = new FakeClock();
  heard = [];
  seeding = new DelegatedSeeding({
    own,
    places,
    mountIds: [MOUNT],
    onComplaint: (address, reason, complainant) => heard.push(`${reason} ${address} ${complainant}`),
    clock,
    log: silentLog(),
  });
  seeding.start({
    onPath: (_, up) => heard.push(`path ${up ? 'up' : 'down'}`),
    onStalled: (_, id) => heard.push(`stalled ${id}`),
    onLost: (_, id) => heard.push(`lost ${id}`),
    onMoved: (_, id, { transport }) => heard.push(`moved ${id} ${transport.id}`),
  });
  own.events?.onPath(MOUNT, true);
  heard.length = 0;
});

const assign = async (id: PeerId, stripes = ONE): Promise<string> => {
  const { transport, ofRelay } = await seeding.assign(MOUNT, id, stripes);
  return `${transport.id}${ofRelay === true ? ' of a relay' : ''}`;
};

describe('where a seed is fed', () => {
  test('is our own mediasoup while there is no relay, and a relay as soon as one can', async () => {
    expect(await assign(ALICE)).toBe('own 1');
    places.become(near);
    expect(await assign(BOB)).toBe('near 1 of a relay');
    expect(own.fed.has(BOB)).toBe(false);
  });

  test('is the relay with the fewest seeds, then the one that does least', async () => {
    places.become(far, near);
    expect(await assign(ALICE)).toContain('near');
    expect(await assign(BOB)).toContain('far');
    expect(await assign(peerId('000000000000000c'))).toContain('near');
  });

  test('is a relay only if that has room for all of its stripes', async () => {
    near.free = 1;
    places.become(near);
    expect(await assign(ALICE, [stripe(0), stripe(1)])).toBe('own 1');
    expect(near.done).toEqual([]);
  });

  test('is the next relay, then ours, when one is full, and the full one is asked again', async () => {
    near.answer = 'is full';
    places.become(near, far);
    expect(await assign(ALICE)).toContain('far');
    far.answer = 'is full';
    expect(await assign(BOB)).toBe('own 1');
    near.answer = 'offers';
    expect(await assign(peerId('000000000000000c'))).toContain('near');
  });

  test('is ours when a relay does not answer, which is told that it is not wanted, and left alone for a while', async () => {
    near.answer = 'is silent';
    places.become(near, far);
    const offer = assign(ALICE);
    await settled();
    clock.advance(PLACING_MAX_MS);
    near.timeOut();
    expect(await offer).toBe('own 1');
    expect(near.done).toEqual(['assign 1', 'release 1']);
    far.answer = 'is full';
    near.answer = 'offers';
    expect(await assign(BOB)).toBe('own 2');
    clock.advance(PLACE_BACK_OFF.firstMs);
    expect(await assign(peerId('000000000000000c'))).toContain('near');
  });

  test('stays the same for other stripes, over the same transport', async () => {
    places.become(near);
    await assign(ALICE);
    places.become(near, far);
    expect(await assign(ALICE, [stripe(0), stripe(1)])).toBe('near 1 of a relay');
    expect(near.fed.get(1)).toEqual([0, 1]);
    places.become();
    await settled();
    expect(await assign(ALICE)).toBe('own 1');
    expect(await assign(ALICE, [stripe(3)])).toBe('own 1');
  });

  test('is another one if the relay refuses the other stripes', async () => {
    places.become(near);
    await assign(ALICE);
    near.answer = 'is full';
    expect(await assign(ALICE, [stripe(0), stripe(1)])).toBe('own 1');
    clock.advance(LEAVE_AFTER_MS);
    expect(near.fed.size).toBe(0);
  });

  test('is nowhere if nobody can: the tracker hears of it', async () => {
    own.isUp = false;
    near.answer = 'fails';
    places.become(near);
    await expect(assign(ALICE)).rejects.toThrow('no worker is up');
  });
});

describe('a seed at a relay', () => {
  beforeEach(async () => {
    places.become(near);
    await assign(ALICE);
    near.done.length = 0;
  });

  test('shakes hands with the relay, and one that has not been placed with us', () => {
    seeding.connect(MOUNT, ALICE, 'near 1', {});
    seeding.connect(MOUNT, BOB, 'own 7', {});
    expect(near.done).toEqual(['connect 1 near 1']);
    expect(own.done).toEqual([`connect ${BOB} own 7`]);
  });

  test('is released there', async () => {
    seeding.release(MOUNT, ALICE);
    await settled();
    expect(near.done).toEqual(['release 1']);
  });

  test.each([
    ['is dropped, leaves, or has its connection ended', () => places.become()],
    ['says that it does not feed it any more', () => places.events?.onEnded(near, [1])],
  ])('moves to us at once when the relay %s', async (_, end) => {
    end();
    await settled();
    expect(heard).toEqual([`moved ${ALICE} own 1`]);
    expect(own.fed.get(ALICE)).toEqual(ONE);
  });

  test('moves to another relay rather than to us', async () => {
    places.become(far);
    await settled();
    expect(heard).toEqual([`moved ${ALICE} far 2`]);
  });

  test('is fed over HTTP when nobody else can feed it', async () => {
    own.isUp = false;
    places.become();
    await settled();
    expect(heard).toEqual([`lost ${ALICE}`]);
  });

  test('is not moved when it is released in the same moment', async () => {
    seeding.release(MOUNT, ALICE);
    places.become();
    await settled();
    expect(heard).toEqual([]);
    expect(own.fed.size).toBe(0);
  });

  test('is not lost with a transport of ours that it has left', async () => {
    own.events?.onLost(MOUNT, ALICE, 'closed');
    own.events?.onStalled(MOUNT, ALICE);
    expect(heard).toEqual([]);
  });

  test.each(['withheld', 'forged'])(
    'that says %s accuses the relay, which gets no new seeds',
    async (reason) => {
      seeding.failed(MOUNT, ALICE, { reason, complainant: '192.0.2.1' });
      expect(heard).toEqual([`${reason} https://near.example 192.0.2.1`]);
      expect(await assign(BOB)).toBe('own 1');
      seeding.failed(MOUNT, BOB, { reason: 'withheld', complainant: '192.0.2.2' });
      expect(heard).toHaveLength(1);
    },
  );

  test('forgives a relay that has fed well since', async () => {
    seeding.failed(MOUNT, ALICE, { reason: 'ice', complainant: '192.0.2.1' });
    clock.advance(PLACE_BACK_OFF.firstMs);
    await assign(BOB);
    clock.advance(PROVED_AFTER_MS + TEND_INTERVAL_MS);
    seeding.failed(MOUNT, BOB, { reason: 'ice', complainant: '192.0.2.1' });
    clock.advance(PLACE_BACK_OFF.firstMs);
    expect(await assign(peerId('000000000000000c'))).toContain('near');
    expect(heard).toEqual([]);
  });

  test('and a relay that fails again is left alone for longer each time', async () => {
    seeding.failed(MOUNT, ALICE, { reason: 'ice', complainant: '192.0.2.1' });
    clock.advance(PLACE_BACK_OFF.firstMs);
    expect(await assign(BOB)).toContain('near');
    places.events?.onEnded(near, [2]);
    await settled();
    clock.advance(PLACE_BACK_OFF.firstMs);
    expect(await assign(peerId('000000000000000c'))).toBe('own 2');
    clock.advance(PLACE_BACK_OFF.firstMs);
    expect(await assign(peerId('000000000000000d'))).toContain('near');
  });

  test('and many that fail at once are one failure of the relay', async () => {
    for (let seed = 0; seed < 10; seed += 1) places.events?.onEnded(near, [seed]);
    await settled();
    clock.advance(PLACE_BACK_OFF.firstMs);
    expect(await assign(BOB)).toContain('near');
  });
});

describe('seeds of our own', () => {
  test('are brought to a relay that comes later, one after the other, and left once they have gone', async () => {
    await assign(ALICE);
    await assign(BOB);
    places.become(near);
    await clock.advanceSettled(TEND_INTERVAL_MS);
    expect(heard).toEqual([`moved ${ALICE} near 1`]);
    expect(own.fed.has(ALICE)).toBe(true);
    await clock.advanceSettled(TEND_INTERVAL_MS);
    expect(heard).toEqual([`moved ${ALICE} near 1`, `moved ${BOB} near 2`]);
    await clock.advanceSettled(LEAVE_AFTER_MS);
    expect(own.fed.size).toBe(0);
  });

  test('that come back before they were left get a new transport', async () => {
    await assign(ALICE);
    places.become(near);
    await clock.advanceSettled(TEND_INTERVAL_MS);
    places.become();
    await settled();
    expect(heard.at(-1)).toBe(`moved ${ALICE} own 2`);
    await clock.advanceSettled(LEAVE_AFTER_MS);
    expect(own.fed.has(ALICE)).toBe(true);
  });

  test('stay where the relay refuses them', async () => {
    await assign(ALICE);
    near.answer = 'fails';
    places.become(near);
    await clock.advanceSettled(3 * TEND_INTERVAL_MS);
    expect(heard).toEqual([]);
    expect(near.done).toEqual(['assign 1', 'release 1']);
    expect(own.fed.has(ALICE)).toBe(true);
  });
});

describe('the path over WebRTC', () => {
  test('is up as long as we or a relay can feed, and our seeds move when our worker dies', async () => {
    await assign(ALICE);
    places.become(near);
    own.isUp = false;
    own.events?.onPath(MOUNT, false);
    await settled();
    expect(heard).toEqual([`moved ${ALICE} near 1`]);
    places.become();
    await settled();
    expect(heard.slice(1)).toEqual(['path down', `lost ${ALICE}`]);
    places.become(near);
    expect(heard.at(-1)).toBe('path up');
  });
});

test('nothing goes on after the end', async () => {
  await assign(ALICE);
  places.become(near);
  await seeding.stop();
  await clock.advanceSettled(10 * TEND_INTERVAL_MS);
  expect(heard).toEqual([]);
  expect(clock.pending).toBe(0);
});
