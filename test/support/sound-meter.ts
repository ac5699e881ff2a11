import type { Page } from 'puppeteer-core';

export interface SoundReading {
  /** Loudness of the quietest and the loudest 40 ms that were heard; 0 is silence, 0.7 a full-scale tone. */
  readonly quietest: number;
  readonly loudest: number;
  readonly readings: number;
}

/**
 * Measures what the page's audio element decodes, before volume and muting, from now on. The page's own policy is
 * left as it is: nothing is loaded for it. Only where there is a sound device, or a browser that pretends (Chromium).
 */
export async function startSoundMeter(page: Page): Promise<() => Promise<SoundReading>> {
  await page.evaluate(() => {
    const audio = document.querySelector('audio');
    if (audio === null) throw new Error('Cannot measure a page without an audio element');
    const capture: unknown = Reflect.get(audio, 'captureStream') ?? Reflect.get(audio, 'mozCaptureStream');
    if (typeof capture !== 'function')
      throw new Error('Cannot measure sound as this browser does not capture it');
    const stream: unknown = Reflect.apply(capture, audio, []);
    if (!(stream instanceof MediaStream)) throw new Error('Cannot measure what is not a stream');
    const context = new AudioContext();
    const analyser = new AnalyserNode(context, { fftSize: 2048 });
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const readings: number[] = [];
    Reflect.set(globalThis, 'soundReadings', readings);
    setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      readings.push(Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length));
    }, 25);
  });
  return () =>
    page.evaluate(() => {
      const all: unknown = Reflect.get(globalThis, 'soundReadings');
      const readings = Array.isArray(all) ? all.map(Number) : [];
      // The graph needs a moment to start.
      const heard = readings.slice(
        Math.max(
          0,
          readings.findIndex((value) => value > 0),
        ) + 4,
      );
      return { quietest: Math.min(...heard), loudest: Math.max(...heard), readings: heard.length };
    });
}
