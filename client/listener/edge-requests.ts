import { FrameReader } from '../../shared/chunk/chunk-framing.ts';
import type { EdgeDirectory } from './edge-directory.ts';
import type { Clock } from './environment.ts';
import { hedged } from './hedged.ts';

export interface EdgeRequestsOptions {
  readonly directory: EdgeDirectory;
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
}

export interface FrameHandlers {
  /** The edge has accepted. */
  readonly onAnswer?: () => void;
  readonly onBytes: (length: number) => void;
  /** May throw an EdgeFailure. */
  readonly onFrame: (frame: Uint8Array) => void;
}

export interface WholeRequest {
  readonly path: string;
  readonly lengthMax: number;
  readonly timeoutMs: number;
  readonly onBytes: (length: number) => void;
  /** False: it is not what was asked for, and the next edge is asked. */
  readonly accept: (data: Uint8Array) => boolean;
}

export interface ReadLimits {
  readonly answerMs: number;
  /** `any`: it may be silent for as long as it wants. Null: `answerMs` is for all of it. */
  readonly silenceMs: number | 'any' | null;
}

/** `gone`: it says that the chunk is no more or never was. `absent`: it has no such thing, or not yet. */
export type EdgeFailureKind = 'gone' | 'absent' | 'loaded' | 'failed';

/** Why an edge did not give what it was asked for. */
export class EdgeFailure extends Error {
  readonly kind: EdgeFailureKind;
  constructor(message: string, kind: EdgeFailureKind) {
    super(message);
    this.name = 'EdgeFailure';
    this.kind = kind;
  }
}

const STATUS_KINDS: ReadonlyMap<number, EdgeFailureKind> = new Map([
  [404, 'absent'],
  [410, 'gone'],
  [429, 'loaded'],
  [503, 'loaded'],
]);

/** A chunk is asked of the next edge as well when one has not sent it by then: it is due within a second. */
export const HEDGE_AFTER_MS = 200;

/** Edges asked for one chunk: where the network itself is slow, more would only make it slower. */
export const EDGES_ASKED_MAX = 4;

/** HTTP requests to edges. What each did is told to the directory, which says whom to ask first. */
export class EdgeRequests {
  readonly #options: EdgeRequestsOptions;

  constructor(options: EdgeRequestsOptions) {
    this.#options = options;
  }

  /**
   * A response's whole body, from the first edge that has it: the next is asked as well when one is slow or fails.
   * `lacking`: edges that said they had it not.
   * @throws EdgeFailure if no edge has it in time.
   */
  async whole(
    request: WholeRequest,
    closing: AbortController,
  ): Promise<{ readonly data: Uint8Array; readonly edge: string; readonly lacking: readonly string[] }> {
    const { clock, directory } = this.#options;
    const edges = directory.order(true).slice(0, EDGES_ASKED_MAX);
    const lacking: string[] = [];
    const waiting = new Map<string, number>();
    const outcome = await hedged(edges.length, HEDGE_AFTER_MS, clock, async (turn, controller) => {
      const edge = edges[turn] ?? '';
      waiting.set(edge, clock.now());
      try {
        const data = await this.#body(edge, request, [closing, controller]);
        waiting.delete(edge);
        return { data, edge };
      } catch (error) {
        waiting.delete(edge);
        const kind = kindOf(error);
        if (kind === 'absent' || kind === 'gone') lacking.push(edge);
        throw error;
      }
    });
    if (outcome.index === null) throw failureOf(outcome.failures);
    const now = clock.now();
    for (const [edge, askedAt] of waiting) if (now > askedAt) directory.outrun(edge, now - askedAt);
    return { ...outcome.result, lacking };
  }

  /**
   * One edge's response of framed chunks, each handed on as soon as it is whole.
   * @param limits what is longer is a failure
   * @throws EdgeFailure or FramingError
   */
  async frames(
    edge: string,
    path: string,
    limits: ReadLimits,
    closing: AbortController,
    handlers: FrameHandlers,
  ): Promise<void> {
    const reader = new FrameReader();
    await this.#ask(edge, [closing], ['failed', 'absent', 'gone'], async () => {
      await this.#read(edge, path, [closing], limits, {
        onAnswer: handlers.onAnswer,
        onBytes: (bytes) => {
          handlers.onBytes(bytes.length);
          for (const frame of reader.push(bytes)) handlers.onFrame(frame);
        },
      });
      if (reader.pendingLength > 0) throw new EdgeFailure('cut off in the middle of a chunk', 'failed');
    });
  }

  async #body(edge: string, request: WholeRequest, closing: readonly AbortController[]): Promise<Uint8Array> {
    const { lengthMax, timeoutMs, path, onBytes, accept } = request;
    const parts: Uint8Array[] = [];
    let total = 0;
    // An edge that says that it has no such chunk works.
    return await this.#ask(edge, closing, ['failed'], async () => {
      await this.#read(
        edge,
        path,
        closing,
        { answerMs: timeoutMs, silenceMs: null },
        {
          onBytes: (bytes) => {
            onBytes(bytes.length);
            total += bytes.length;
            if (total > lengthMax) throw new EdgeFailure(`sent more than ${lengthMax} bytes`, 'failed');
            parts.push(bytes);
          },
        },
      );
      const data = joined(parts, total);
      if (!accept(data)) throw new EdgeFailure('sent something else', 'failed');
      return data;
    });
  }

  /** Tells the directory how it went, unless we gave it up ourselves. */
  async #ask<Result>(
    edge: string,
    closing: readonly AbortController[],
    faults: readonly EdgeFailureKind[],
    run: () => Promise<Result>,
  ): Promise<Result> {
    const { directory } = this.#options;
    try {
      const result = await run();
      directory.succeeded(edge);
      return result;
    } catch (error) {
      const givenUp = closing.some(({ signal }) => signal.aborted);
      if (!givenUp && faults.includes(kindOf(error))) directory.failed(edge);
      throw error;
    }
  }

  /** Reads a body piece by piece; aborted when the other side is silent for too long, or one of `closing` is. */
  async #read(
    edge: string,
    path: string,
    closing: readonly AbortController[],
    limits: ReadLimits,
    handlers: {
      readonly onAnswer?: (() => void) | undefined;
      readonly onBytes: (bytes: Uint8Array) => void;
    },
  ): Promise<void> {
    const { clock, fetch, directory } = this.#options;
    const controller = new AbortController();
    const abort = (): void => {
      controller.abort(new EdgeFailure('given up', 'failed'));
    };
    for (const { signal } of closing) signal.addEventListener('abort', abort, { once: true });
    if (closing.some(({ signal }) => signal.aborted)) abort();
    const timedOut = (): void => {
      controller.abort(new EdgeFailure('timed out', 'failed'));
    };
    let cancelTimer = clock.after(limits.answerMs, timedOut);
    const heard = (): void => {
      if (limits.silenceMs === null) return;
      cancelTimer();
      cancelTimer = limits.silenceMs === 'any' ? NO_TIMER : clock.after(limits.silenceMs, timedOut);
    };
    const askedAt = clock.now();
    try {
      const response = await fetch(edge + path, { signal: controller.signal, credentials: 'omit' });
      directory.answered(edge, clock.now() - askedAt);
      if (!response.ok) {
        await response.body?.cancel();
        const kind = STATUS_KINDS.get(response.status) ?? 'failed';
        if (kind === 'loaded')
          directory.loaded(edge, 1000 * Number(response.headers.get('Retry-After') ?? 0));
        throw new EdgeFailure(`answered ${response.status}`, kind);
      }
      heard();
      handlers.onAnswer?.();
      if (response.body === null) return;
      const reader = response.body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        heard();
        handlers.onBytes(value);
      }
    } catch (error) {
      controller.abort();
      throw error;
    } finally {
      cancelTimer();
      for (const { signal } of closing) signal.removeEventListener('abort', abort);
    }
  }
}

const NO_TIMER = (): void => undefined;

const kindOf = (error: unknown): EdgeFailureKind => (error instanceof EdgeFailure ? error.kind : 'failed');

/** What to say when no edge did: gone only if one says so and no other may still have it (it may lag behind). */
function failureOf(failures: readonly unknown[]): unknown {
  const kinds = failures.map(kindOf);
  if (kinds.includes('gone') && kinds.every((kind) => kind === 'gone' || kind === 'absent'))
    return new EdgeFailure('gone', 'gone');
  const last = failures.at(-1) ?? new EdgeFailure('no edge is known', 'failed');
  return kindOf(last) === 'gone' && last instanceof Error ? new EdgeFailure(last.message, 'failed') : last;
}

function joined(parts: readonly Uint8Array[], total: number): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(total);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
