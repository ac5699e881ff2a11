/**
 * The browser's MediaSource, or ManagedMediaSource where that is what there is (iPhones), or null. Asked, never
 * guessed from the user agent.
 */
export function mediaSourceConstructor(): MediaSourceConstructor | null {
  if (typeof MediaSource !== 'undefined') return MediaSource;
  const managed: unknown = Reflect.get(globalThis, 'ManagedMediaSource');
  return isMediaSourceConstructor(managed) ? managed : null;
}

export interface MediaSourceConstructor {
  new (): MediaSource;
  isTypeSupported(mimeType: string): boolean;
}

const isMediaSourceConstructor = (value: unknown): value is MediaSourceConstructor =>
  typeof value === 'function' && 'isTypeSupported' in value;

/** A MediaSource attached to the element and open. @throws Error if the element gave it up before it opened. */
export async function openMediaSource(
  constructor: MediaSourceConstructor,
  audio: HTMLAudioElement,
): Promise<MediaSource> {
  const mediaSource = new constructor();
  // ManagedMediaSource opens only where the sound cannot wander off to another device.
  audio.disableRemotePlayback = true;
  const address = URL.createObjectURL(mediaSource);
  const over = new AbortController();
  const opened = new Promise<void>((resolve, reject) => {
    const signal = over.signal;
    mediaSource.addEventListener('sourceopen', () => resolve(), { signal });
    audio.addEventListener('error', () => reject(new Error('The element refused the media source')), {
      signal,
    });
  });
  audio.src = address;
  try {
    await opened;
  } finally {
    over.abort();
    URL.revokeObjectURL(address);
  }
  return mediaSource;
}

/** Resolves when the buffer's current operation is over. @throws Error if it failed. */
export function settled(buffer: SourceBuffer): Promise<void> {
  if (!buffer.updating) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    buffer.addEventListener(
      'error',
      () => {
        over.abort();
        reject(new Error('The browser could not read the sound it was given'));
      },
      { signal: over.signal },
    );
    buffer.addEventListener(
      'updateend',
      () => {
        over.abort();
        resolve();
      },
      { signal: over.signal },
    );
  });
}
