import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseSimulateOptions } from '../../simulation/options.ts';
import { expectWritable, fileFor } from '../../simulation/output-file.ts';
import { SCENARIOS } from '../../simulation/scenarios.ts';

describe('what a simulation is asked for', () => {
  test('is 10,000 peers for three minutes if nothing is said', () => {
    expect(parseSimulateOptions([])).toMatchObject({
      scenarios: [{ name: 'steady' }],
      network: { name: 'internet' },
      peers: 10_000,
      minutes: 3,
      seed: 7,
      bitrateKbps: null,
      jsonFile: null,
      plotFile: null,
    });
    expect(parseSimulateOptions(['--scenario', 'all'])).toMatchObject({ scenarios: SCENARIOS });
    expect(parseSimulateOptions(['--help'])).toBe('help');
  });

  test.each([
    [['--scenario', 'storm'], 'Cannot simulate a scenario as it is one of steady, '],
    [['--network', 'moon'], 'Cannot simulate a network as it is one of internet, '],
    [['--peers', '0'], 'Cannot read --peers as a whole number from 1 to 100000: current value is 0'],
    [['--peers', '1.5'], 'Cannot read --peers as a whole number'],
    [['--peers', ''], 'Cannot read --peers as a whole number'],
    [['--minutes', 'x'], 'Cannot read --minutes as a number from 0.1 to 600: current value is x'],
    [['--bitrate', '7'], 'Cannot read --bitrate as a whole number from 8 to 1000: current value is 7'],
    [['--sede', '7'], "Unknown option '--sede'"],
  ])('and cannot be had is named: %j', (args, message) => {
    expect(() => parseSimulateOptions(args)).toThrow(message);
  });
});

describe('the file of a result', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'essaim-result-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('is tried before the run, and what it holds stays', async () => {
    const file = join(folder, 'result.json');
    await writeFile(file, 'before');
    await expectWritable('json', file);
    expect(await readFile(file, 'utf8')).toBe('before');
  });

  test('in a folder that is not there is refused, by the name of its option', async () => {
    const file = join(folder, 'none', 'plot.svg');
    const refusal = expectWritable('plot', file);
    await expect(refusal).rejects.toThrow(RangeError);
    await expect(refusal).rejects.toThrow(`Cannot write --plot as ${file} must be a file in a folder`);
    await expect(expectWritable('json', folder)).rejects.toThrow('Cannot write --json');
  });

  test('is named after its scenario if there are several', () => {
    expect(fileFor('a/b.json', 'steady', false)).toBe('a/b.json');
    expect(fileFor('a/b.json', 'steady', true)).toBe('a/b-steady.json');
    expect(fileFor('./b', 'steady', true)).toBe('./b-steady');
    expect(fileFor('a.b/c', 'steady', true)).toBe('a.b/c-steady');
  });
});
