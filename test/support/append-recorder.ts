import type { Page } from 'puppeteer-core';

export interface DecodedSound {
  readonly seconds: number;
  /** Loudness of the middle 40 ms, when all are sorted; 0 is silence, 0.7 a full-scale tone. */
  readonly loudness: number;
  /** How much of it is below a tenth of that. */
  readonly quietMs: number;
}

/**
 * Keeps a copy of all that the page gives to its SourceBuffers, so that it can be decoded apart. For browsers on
 * machines without a sound device, where nothing that is played can be measured. Call it before the page is opened.
 */
export async function recordAppends(page: Page): Promise<void> {
  await page.evaluateOnNewDocument(() => {
    const pieces: Uint8Array[][] = [[]];
    Reflect.set(globalThis, 'appendedPieces', pieces);
    const { prototype } = SourceBuffer;
    const appendBuffer: unknown = Reflect.get(prototype, 'appendBuffer');
    const changeType: unknown = Reflect.get(prototype, 'changeType');
    if (typeof appendBuffer !== 'function' || typeof changeType !== 'function') return;
    prototype.appendBuffer = function append(data: BufferSource): void {
      const bytes = ArrayBuffer.isView(data)
        ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
        : new Uint8Array(data);
      pieces.at(-1)?.push(bytes.slice());
      Reflect.apply(appendBuffer, this, [data]);
    };
    prototype.changeType = function change(type: string): void {
      pieces.push([]);
      Reflect.apply(changeType, this, [type]);
    };
  });
}

/** Decodes what was recorded, format by format, with the browser's own decoder; edges of each are not measured. */
export function decodeAppends(page: Page): Promise<readonly DecodedSound[]> {
  return page.evaluate(async () => {
    const all: unknown = Reflect.get(globalThis, 'appendedPieces');
    const pieces: readonly Uint8Array<ArrayBuffer>[][] = Array.isArray(all) ? all : [];
    const context = new OfflineAudioContext(2, 48_000, 48_000);
    return Promise.all(
      pieces.map(async (parts) => {
        const decoded = await context.decodeAudioData(await new Blob(parts).arrayBuffer());
        const samples = decoded.getChannelData(0);
        const step = Math.round(decoded.sampleRate * 0.04);
        const windows: number[] = [];
        for (let start = 4 * step; start + 5 * step < samples.length; start += step) {
          const window = samples.subarray(start, start + step);
          windows.push(Math.sqrt(window.reduce((sum, sample) => sum + sample * sample, 0) / step));
        }
        const loudness = windows.toSorted((a, b) => a - b)[windows.length >> 1] ?? 0;
        const quietMs = windows.filter((window) => window < loudness / 10).length * 40;
        return { seconds: decoded.duration, loudness, quietMs };
      }),
    );
  });
}
