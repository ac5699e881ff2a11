import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../server/config/config-file.ts';
import { AccessDesk } from '../../../server/source-client/access-desk.ts';
import type { Verdict } from '../../../server/source-client/access-desk.ts';
import {
  FREE_TRIES,
  PENALTY_MEMORY_MS,
  PENALTY_MS_CAP,
  PENALTY_MS_FIRST,
  WAITING_MAX,
} from '../../../server/source-client/penalties.ts';
import { FakeClock, settled } from '../../support/fake-clock.ts';

const STUDIO = '192.0.2.1';
const STRANGER = '198.51.100.7';

function setUp(admin: unknown = { password: 'über' }) {
  const clock = new FakeClock();
  const mounts = [
    { path: '/live.mp3', sourceClient: { password: 'pa:ss' } },
    { path: '/other.mp3', sourceClient: { user: 'dj', password: 'else' } },
    { path: '/pulled.mp3', sources: ['demo'] },
  ];
  const text = JSON.stringify({ stations: [{ id: 'radio', name: 'Radio', mounts }], admin });
  return { clock, desk: new AccessDesk(parseConfig(text, 'test', '/'), clock) };
}

const basic = (login: string, encoding: BufferEncoding = 'utf8'): string =>
  `Basic ${Buffer.from(login, encoding).toString('base64')}`;

describe('the access desk', () => {
  it.each([
    ['source:pa:ss', '/live.mp3', 'granted'],
    ['source:pass', '/live.mp3', 'wrong'],
    ['dj:pa:ss', '/live.mp3', 'wrong'],
    ['dj:else', '/other.mp3', 'granted'],
    ['source:pa:ss', '/other.mp3', 'wrong'],
    ['source:', '/pulled.mp3', 'wrong'],
    [':', '/nowhere', 'wrong'],
    ['admin:über', '/live.mp3', 'wrong'],
  ])(
    'a source is let in with the password of its own mount only: %s to %s is %s',
    async (login, path, type) => {
      const { desk } = setUp();
      expect((await desk.source(path, basic(login), STUDIO)).type).toBe(type);
    },
  );

  it('an administrator may also set titles, a source only those of its mount', async () => {
    const { desk } = setUp();
    const ask = async (login: string, path: string): Promise<Verdict['type']> =>
      (await desk.sourceOrAdmin(path, basic(login), STUDIO)).type;
    expect(await ask('admin:über', '/live.mp3')).toBe('granted');
    expect(await ask('source:pa:ss', '/live.mp3')).toBe('granted');
    expect(await ask('dj:else', '/live.mp3')).toBe('wrong');
    expect((await desk.admin(basic('source:pa:ss'), STUDIO)).type).toBe('wrong');
  });

  it('a password is right in UTF-8 and in Latin-1, as old clients send it', async () => {
    const { desk } = setUp();
    expect((await desk.admin(basic('admin:über', 'utf8'), STUDIO)).type).toBe('granted');
    expect((await desk.admin(basic('admin:über', 'latin1'), STUDIO)).type).toBe('granted');
  });

  it('without an admin password nobody is the administrator', async () => {
    const { desk } = setUp(null);
    expect((await desk.admin(basic('admin:'), STUDIO)).type).toBe('wrong');
    expect((await desk.admin(basic(':'), STUDIO)).type).toBe('wrong');
  });

  it.each([
    undefined,
    '',
    'Bearer abc',
    'Basic',
    'Basic ###',
    basic('no colon'),
    `Basic ${'A'.repeat(4000)}`,
  ])('credentials that cannot be read count as none: %j', async (authorization) => {
    const { desk } = setUp();
    expect((await desk.admin(authorization, STUDIO)).type).toBe('missing');
  });
});

describe('guessing passwords', () => {
  it('costs twice as much each time, up to a cap; others are not slowed down', async () => {
    const { clock, desk } = setUp();
    const guess = async (): Promise<number> => {
      const from = clock.now();
      const verdicts: Verdict[] = [];
      void desk.admin(basic('admin:guess'), STRANGER).then((verdict) => verdicts.push(verdict));
      for (await settled(); verdicts.length === 0; await settled()) clock.advance(clock.nextInMs ?? 0);
      return clock.now() - from;
    };
    const costs: number[] = [];
    for (let count = 0; count < FREE_TRIES + 8; count++) costs.push(await guess());
    const free = Array.from({ length: FREE_TRIES + 1 }, () => 0);
    expect(costs.slice(0, FREE_TRIES + 1)).toEqual(free);
    expect(costs.at(FREE_TRIES + 1)).toBe(PENALTY_MS_FIRST);
    expect(costs.at(FREE_TRIES + 2)).toBe(PENALTY_MS_FIRST * 2);
    expect(costs.at(-1)).toBe(PENALTY_MS_CAP);
    const before = clock.now();
    expect((await desk.admin(basic('admin:über'), STUDIO)).type).toBe('granted');
    expect(clock.now()).toBe(before);
  });

  it('in parallel gains nothing: tries of one address are looked at one after the other, and few wait', async () => {
    const { clock, desk } = setUp();
    for (let count = 0; count <= FREE_TRIES; count++) await desk.admin(basic('admin:guess'), STRANGER);
    const verdicts: Verdict['type'][] = [];
    for (let count = 0; count < 100; count++)
      void desk.admin(basic('admin:über'), STRANGER).then(({ type }) => verdicts.push(type));
    await settled();
    expect(verdicts).toEqual(Array.from({ length: 100 - WAITING_MAX }, () => 'throttled'));
    clock.advance(PENALTY_MS_FIRST - 1);
    await settled();
    expect(verdicts).not.toContain('granted');
    clock.advance(1);
    await settled();
    expect(verdicts.filter((type) => type === 'granted')).toHaveLength(1);
  });

  it('is forgotten after a while, or with the right password', async () => {
    const { clock, desk } = setUp();
    for (let count = 0; count <= FREE_TRIES; count++) await desk.admin(basic('admin:guess'), STRANGER);
    clock.advance(PENALTY_MEMORY_MS + 1);
    expect((await desk.admin(basic('admin:über'), STRANGER)).type).toBe('granted');
    for (let count = 0; count <= FREE_TRIES; count++) await desk.admin(basic('admin:guess'), STRANGER);
    clock.advance(PENALTY_MS_FIRST);
    await desk.admin(basic('admin:über'), STRANGER);
    expect((await desk.admin(basic('admin:guess'), STRANGER)).type).toBe('wrong');
    expect(clock.pending).toBe(0);
  });
});
