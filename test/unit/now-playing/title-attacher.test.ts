import { describe, expect, it } from 'vitest';
import type { IngestEvent, TitleEvent } from '../../../server/ingest/events.ts';
import { readAzuraCast } from '../../../server/now-playing/now-playing.ts';
import { TitleAttacher } from '../../../server/now-playing/title-attacher.ts';
import { nowPlayingObject } from '../../support/azuracast-now-playing.ts';
import type { ApiSong } from '../../support/azuracast-now-playing.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { mp3Frame } from '../../support/made-frames.ts';

const TIDE = { artist: 'Zoë', title: 'Tide', playlist: 'Night' };
const EBB = { artist: 'Anna - Ben', title: 'Ebb', playlist: 'Night' };

class Stage {
  readonly clock = new FakeClock();
  readonly events: IngestEvent[] = [];
  readonly attacher = new TitleAttacher((event) => this.events.push(event), this.clock, 5000);

  know(current: ApiSong, history: readonly ApiSong[] = []): void {
    const value = readAzuraCast(nowPlayingObject(current, history), 'https://azuracast.example/');
    if (value !== null) this.attacher.know(value);
  }

  say(artist: string, title: string): void {
    this.attacher.take({ type: 'title', title, ...(artist === '' ? {} : { artist }) });
  }

  get last(): TitleEvent | undefined {
    return this.events.findLast((event) => event.type === 'title');
  }
}

describe('what a song is said to be', () => {
  it('changes with the stream’s own title, though the software says it earlier', () => {
    const stage = new Stage();
    stage.know(TIDE);
    stage.say('Zoë', 'Tide');
    expect(stage.last).toMatchObject({ title: 'Tide', album: 'Album of Tide', show: 'Night' });
    stage.know(EBB, [TIDE]);
    stage.clock.advance(60_000);
    expect(stage.last?.title).toBe('Tide');
    // A stream's line is cut at its first dash; the software knows better.
    stage.say('Anna', 'Ben - Ebb');
    expect(stage.last).toMatchObject({
      artist: 'Anna - Ben',
      title: 'Ebb',
      artworkUrl: 'https://azuracast.example/api/station/radio/art/Ebb.jpg',
    });
  });

  it('is completed when the software says it late', () => {
    const stage = new Stage();
    stage.know(TIDE);
    stage.say('anna - ben', 'EBB');
    expect(stage.last).toEqual({ type: 'title', artist: 'anna - ben', title: 'EBB' });
    stage.know(EBB, [TIDE]);
    expect(stage.last).toMatchObject({ title: 'Ebb', album: 'Album of Ebb' });
  });

  it('is found in the history while the software is ahead', () => {
    const stage = new Stage();
    stage.know(EBB, [TIDE]);
    stage.say('Zoë', 'Tide');
    expect(stage.last).toMatchObject({ title: 'Tide', album: 'Album of Tide' });
  });

  it('is what the stream says where the software does not know it', () => {
    const stage = new Stage();
    stage.know(TIDE);
    stage.say('', 'News at ten');
    expect(stage.last).toEqual({ type: 'title', title: 'News at ten' });
  });

  it('comes from the software after the delay, where the stream says nothing', () => {
    const stage = new Stage();
    stage.know(TIDE);
    stage.clock.advance(4000);
    stage.know(EBB, [TIDE]);
    stage.clock.advance(999);
    expect(stage.last).toBeUndefined();
    stage.clock.advance(1);
    expect(stage.last?.title).toBe('Tide');
    stage.clock.advance(4000);
    expect(stage.last?.title).toBe('Ebb');
  });

  it('is taken from the stream as soon as that says something', () => {
    const stage = new Stage();
    stage.know(TIDE);
    stage.say('', 'Live from the harbour');
    stage.clock.advance(60_000);
    expect(stage.last?.title).toBe('Live from the harbour');
    stage.say('', '');
    expect(stage.last?.title).toBe('');
    stage.clock.advance(5000);
    expect(stage.last?.title).toBe('Tide');
  });

  it('never holds the sound back, nor comes after the end', () => {
    const stage = new Stage();
    const frame = { type: 'frame', frame: mp3Frame(1) } as const;
    stage.attacher.take(frame);
    expect(stage.events).toEqual([frame]);
    for (let round = 0; round < 1000; round += 1) stage.know(TIDE);
    expect(stage.clock.pending).toBeLessThanOrEqual(120);
    stage.attacher.stop();
    expect(stage.clock.pending).toBe(0);
  });
});
