import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../server/log.ts';
import { NO_USAGE } from '../../../server/relay/budget.ts';
import { KeyChanged, KeyPins } from '../../../server/relay/key-pins.ts';
import { stationAddress } from '../../../server/relay/station-address.ts';
import { SAVE_EVERY_MS, UsageStore } from '../../../server/relay/usage-store.ts';

const KEY = 'wpWlEFnSlQkHwuiwafewwDBDigFwMEf-I7OeJAjR_Ao';
const OTHER = 'L9-Qa1kPIdHAyc682kY44a4L8x_Icx2BKGgdzA7ApPc';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'essaim-relay-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const open = (): UsageStore => new UsageStore(folder, silentLog());
const pins = (): KeyPins => new KeyPins(folder);

describe('the count of what was sent', () => {
  const usage = { month: '2026-11', monthBytes: 500, day: '2026-11-24', dayBytes: 50, totalBytes: 1_000 };

  it('is there again after a restart', () => {
    open().save(usage);
    expect(open().read()).toEqual(usage);
    expect(readdirSync(folder)).toEqual(['usage.json']);
    expect(statSync(join(folder, 'usage.json')).mode & 0o777).toBe(0o600);
  });

  it('is on disk soon enough that a crash loses half a minute at most', () => {
    const store = open();
    store.keep(usage, 1_000);
    store.keep({ ...usage, totalBytes: 2_000 }, 1_000 + SAVE_EVERY_MS - 1);
    expect(open().read().totalBytes).toBe(1_000);
    store.keep({ ...usage, totalBytes: 3_000 }, 1_000 + SAVE_EVERY_MS);
    expect(open().read().totalBytes).toBe(3_000);
    expect(SAVE_EVERY_MS).toBeLessThanOrEqual(30_000);
  });

  it('begins anew where it cannot be read, and what was there is kept', () => {
    writeFileSync(join(folder, 'usage.json'), '{"month":');
    expect(open().read()).toEqual(NO_USAGE);
    expect(readFileSync(join(folder, 'usage.json.unreadable'), 'utf8')).toBe('{"month":');
  });
});

describe('a station’s key', () => {
  const plain = stationAddress('https://radio.example', null);

  it('is the first one seen, from then on', () => {
    expect(pins().check(plain, KEY)).toBe(KEY);
    expect(pins().check(plain, KEY)).toBe(KEY);
    expect(() => pins().check(plain, OTHER)).toThrow(KeyChanged);
    expect(() => pins().check(plain, OTHER)).toThrow(`npm run relay -- https://radio.example --key ${OTHER}`);
    expect(pins().check(plain, KEY)).toBe(KEY);
  });

  it('is the one given, which is also how a new one is accepted', () => {
    pins().check(plain, KEY);
    expect(() => pins().check(stationAddress('https://radio.example', OTHER), KEY)).toThrow('that you gave');
    expect(pins().check(stationAddress('https://radio.example', OTHER), OTHER)).toBe(OTHER);
    expect(pins().check(plain, OTHER)).toBe(OTHER);
  });

  it('is each station’s own', () => {
    pins().check(plain, KEY);
    expect(pins().check(stationAddress('https://radio.example/jazz', null), OTHER)).toBe(OTHER);
    expect(pins().check(plain, KEY)).toBe(KEY);
  });
});
