import { describe, expect, it } from 'vitest';
import type { SourceConfig } from '../../../server/config/config.ts';
import type { IngestEvent } from '../../../server/ingest/events.ts';
import {
  PROBE_MS,
  RETRY_MS_CAP,
  RETRY_MS_FIRST,
  startIngest,
  STEADY_MS,
} from '../../../server/ingest/ingest.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { ScriptedFeeds } from '../../support/scripted-feed.ts';

const FIRST = 'http://first.example/live';
const SECOND = 'http://second.example/live';
const THIRD = 'http://third.example/live';

function setUp(addresses: readonly string[], random = 0.5) {
  const clock = new FakeClock();
  const feeds = new ScriptedFeeds();
  const events: IngestEvent[] = [];
  const sources: readonly SourceConfig[] = addresses.map((url) => ({ kind: 'url', url }));
  const ingest = startIngest({
    sources,
    onEvent: (event) => events.push(event),
    random: () => random,
    clock,
    startFeed: feeds.start,
  });
  clock.advance(0);
  const types = (): string =>
    events.map((event) => (event.type === 'state' ? `state:${event.state}` : event.type)).join(' ');
  return { clock, feeds, events, ingest, types };
}

describe('one source', () => {
  it('is live with its first frame, and its set-up comes before that', () => {
    const { feeds, types, ingest } = setUp([FIRST]);
    feeds.last.play(2);
    expect(types()).toBe('state:connecting config state:live frame frame');
    expect(ingest.stats()).toEqual({
      receivedBytes: 20,
      frames: 2,
      discardedBytes: 0,
      reconnects: 0,
      currentSource: FIRST,
      lastError: null,
    });
  });

  it('that was steady is tried again at once when it is lost, after one gap', () => {
    const { clock, feeds, types, ingest } = setUp([FIRST]);
    feeds.last.play(1);
    clock.advance(STEADY_MS);
    feeds.last.end('closed');
    clock.advance(0);
    feeds.last.play(1);
    expect(feeds.all).toHaveLength(2);
    expect(types()).toBe(
      'state:connecting config state:live frame state:failed gap state:connecting state:live frame',
    );
    expect(ingest.stats()).toMatchObject({ reconnects: 1, lastError: 'closed' });
  });

  it('that accepts, plays a moment and closes, again and again, is asked less and less often', () => {
    const { clock, feeds } = setUp([FIRST]);
    for (let turn = 0; turn < 10_000; turn++) {
      if (!feeds.last.isStopped) {
        feeds.last.play(1);
        feeds.last.end('closed');
      }
      clock.advance(60);
    }
    const minutes = (10_000 * 60) / 60_000;
    expect(feeds.all.length).toBeLessThan(minutes * (60_000 / (RETRY_MS_CAP * 0.75)) + 10);
  });

  it.each([
    ['shortest', 0, 0.5],
    ['longest', 0.999_999, 1],
  ])(
    'that fails is tried again after a doubled wait with jitter, up to a cap: the %s',
    (_name, random, share) => {
      const { clock, feeds } = setUp([FIRST], random);
      for (let round = 0; round < 9; round++) {
        const count = feeds.all.length;
        feeds.last.end('refused');
        clock.advance(0);
        const wait = Math.min(RETRY_MS_CAP, RETRY_MS_FIRST * 2 ** round) * share;
        expect(clock.nextInMs).toBeCloseTo(wait, -1);
        clock.advance(wait - 1);
        expect(feeds.all).toHaveLength(count);
        clock.advance(2);
        expect(feeds.all).toHaveLength(count + 1);
      }
    },
  );

  it('stopped says and asks nothing more', async () => {
    const { clock, feeds, events, ingest } = setUp([FIRST]);
    feeds.last.play(1);
    const count = events.length;
    await ingest.stop();
    feeds.last.play(1);
    clock.advance(60_000);
    expect(events).toHaveLength(count);
    expect(feeds.all).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('the list must not be empty', () => {
    expect(() => setUp([])).toThrow(/one or more sources: current value is 0/u);
  });
});

describe('a list of sources', () => {
  it('is gone through in order, at once, before any wait', () => {
    const { feeds } = setUp([FIRST, SECOND, THIRD]);
    feeds.last.end('refused');
    feeds.last.end('refused');
    feeds.last.play(1);
    expect(feeds.all.map(({ address }) => address)).toEqual([FIRST, SECOND, THIRD]);
  });

  it('when the first is lost, a fallback is next, not the first again', () => {
    const { clock, feeds } = setUp([FIRST, SECOND]);
    feeds.last.play(1);
    clock.advance(STEADY_MS);
    feeds.last.end('closed');
    clock.advance(0);
    expect(feeds.last.address).toBe(SECOND);
  });

  it('the first is taken back once it has given a second of sound, and the fallback plays until then', () => {
    const { clock, feeds, events, types, ingest } = setUp([FIRST, SECOND]);
    feeds.last.end('refused');
    const fallback = feeds.last;
    fallback.play(3);
    clock.advance(PROBE_MS * 1.25);
    const probe = feeds.last;
    expect(probe.address).toBe(FIRST);
    probe.play(40);
    fallback.play(1);
    expect(fallback.isStopped).toBe(false);
    expect(ingest.stats().currentSource).toBe(SECOND);
    const before = events.length;
    probe.play(10);
    expect(fallback.isStopped).toBe(true);
    expect(ingest.stats().currentSource).toBe(FIRST);
    expect(events.slice(before, before + 3).map(({ type }) => type)).toEqual(['gap', 'state', 'frame']);
    expect(types().match(/gap/gu)).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'frame')).toHaveLength(3 + 1 + 50);
  });

  it('a first that shows itself for a moment only does not interrupt the fallback', () => {
    const { clock, feeds, types } = setUp([FIRST, SECOND]);
    feeds.last.end('refused');
    feeds.last.play(3);
    for (let turn = 0; turn < 5; turn++) {
      clock.advance(PROBE_MS * 1.25);
      feeds.last.play(5);
      feeds.last.end('closed');
    }
    expect(feeds.all).toHaveLength(2 + 5);
    expect(types()).not.toContain('gap');
  });

  it('when the fallback is lost during a probe, the probe gives way to a new round', () => {
    const { clock, feeds, ingest } = setUp([FIRST, SECOND]);
    feeds.last.end('refused');
    const fallback = feeds.last;
    fallback.play(1);
    clock.advance(PROBE_MS * 1.25);
    const probe = feeds.last;
    fallback.end('closed');
    clock.advance(0);
    expect(probe.isStopped).toBe(true);
    expect(feeds.last.address).toBe(FIRST);
    feeds.last.play(1);
    expect(ingest.stats().currentSource).toBe(FIRST);
  });

  it("a title does not outlive its source's place", () => {
    const { clock, feeds, events } = setUp([FIRST, SECOND]);
    feeds.last.play(1);
    feeds.last.send({ type: 'title', title: 'Sodade' });
    clock.advance(STEADY_MS);
    feeds.last.end('closed');
    clock.advance(0);
    feeds.last.play(1);
    expect(events.filter(({ type }) => type === 'title')).toEqual([
      { type: 'title', title: 'Sodade' },
      { type: 'title', title: '' },
    ]);
  });
});

describe('what one source after the other gives', () => {
  it('a title or set-up that is the same is not repeated; a gap is reported once', () => {
    const { feeds, types } = setUp([FIRST]);
    feeds.last.play(1);
    feeds.last.send({ type: 'title', title: 'One', artist: 'A' });
    feeds.last.send({ type: 'title', title: 'One', artist: 'A' });
    feeds.last.send({ type: 'gap', reason: 'a' });
    feeds.last.send({ type: 'gap', reason: 'b' });
    feeds.last.play(1);
    expect(types()).toBe('state:connecting config state:live frame title gap frame');
  });

  it('addresses are shown without passwords and tokens', () => {
    const { events } = setUp(['http://me:hidden@host.example/live?token=hidden&x=1']);
    expect(JSON.stringify(events)).not.toContain('hidden');
    expect(JSON.stringify(events)).toContain('x=1');
  });
});
