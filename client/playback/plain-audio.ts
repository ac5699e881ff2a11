import type { MountDescription } from '../../shared/station/description.ts';
import { isAborted, isNotAllowed } from './dom-errors.ts';

export type PlainPhase = 'starting' | 'playing' | 'stalled' | 'click-needed' | 'not-playable' | 'unreachable';

/** A dropped stream is asked for again after this long, doubled each time up to the second. */
const RETRY_MIN_MS = 1000;
const RETRY_MAX_MS = 30_000;

/** Whether this browser says that it may play the mount's own stream. One whose codec is not known yet is tried. */
export function takesPlain(audio: HTMLAudioElement, { codec }: MountDescription): boolean {
  if (codec === null) return true;
  const ogg = `audio/ogg; codecs="${codec.codec}"`;
  const type = codec.codec === 'mp3' ? 'audio/mpeg' : codec.codec === 'aac' ? 'audio/aac' : ogg;
  return audio.canPlayType(type) !== '';
}

/** The mount's own stream in the element, as any web radio is played: where nothing better works. */
export class PlainAudio {
  readonly #audio: HTMLAudioElement;
  readonly #directory: { readonly edges: readonly string[] };
  readonly #path: string;
  #turn = 0;
  readonly #onPhase: (phase: PlainPhase) => void;
  readonly #over = new AbortController();
  #retryMs = RETRY_MIN_MS;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    audio: HTMLAudioElement,
    directory: { readonly edges: readonly string[] },
    mount: MountDescription,
    onPhase: (phase: PlainPhase) => void,
  ) {
    this.#audio = audio;
    this.#directory = directory;
    this.#path = mount.path;
    this.#onPhase = onPhase;
    const { signal } = this.#over;
    audio.addEventListener('playing', () => this.#playing(), { signal });
    audio.addEventListener('waiting', () => this.#onPhase('stalled'), { signal });
    audio.addEventListener('error', () => this.#failed(), { signal });
    audio.addEventListener('ended', () => this.#failed(), { signal });
    this.#play();
  }

  stop(): void {
    this.#over.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#audio.pause();
    this.#audio.removeAttribute('src');
    this.#audio.load();
  }

  #play(): void {
    this.#onPhase('starting');
    const { edges } = this.#directory;
    this.#audio.src = `${edges[this.#turn % Math.max(1, edges.length)] ?? ''}${this.#path}`;
    this.#audio.play().catch((error: unknown) => {
      if (this.#over.signal.aborted) return;
      if (isNotAllowed(error)) this.#onPhase('click-needed');
      // Whatever else it is, the element tells it by its own event.
      else if (!isAborted(error)) return;
    });
  }

  #playing(): void {
    this.#retryMs = RETRY_MIN_MS;
    this.#onPhase('playing');
  }

  #failed(): void {
    // The stream answers with sound that this browser cannot decode: trying again changes nothing.
    const code = this.#audio.error?.code;
    if (code === MediaError.MEDIA_ERR_DECODE) return this.#onPhase('not-playable');
    this.#onPhase('unreachable');
    // The next edge may have it.
    this.#turn += 1;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#play(), this.#retryMs * (0.5 + Math.random()));
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS);
  }
}
