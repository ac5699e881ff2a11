import { FrameReader } from '../../shared/chunk/chunk-framing.ts';
import type { Clock } from './environment.ts';
import { hedged } from './hedged.ts';

export interface EdgeRequestsOptions {
  /** Base addresses, best first, no slash at the end. */
  readonly edges: readonly string[];
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
}

export interface FrameHandlers {
  readonly onBytes: (length: number) => void;
  readonly onFrame: (frame: Uint8Array) => void;
}

/** `gone`: it says that the chunk is no more or never was. `absent`: it has no such thing, or not yet. */
export type EdgeFailureKind = 'gone' | 'absent' | 'failed';

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
]);

/** A chunk is asked of the next edge as well when one has not sent it by then: it is due within a second. */
export const HEDGE_AFTER_MS = 200;
/** An edge that has sent nothing of a stream or burst by then is given up for the next, if there is one. */
export const FIRST_BYTES_MAX_MS = 1_500;

/** HTTP requests to a list of edges: the next edge is asked when one fails, each once, the last that worked first. */
export class EdgeRequests {
  readonly #options: EdgeRequestsOptions;
  #edges: readonly string[];
  #preferred = 0;

  constructor(options: EdgeRequestsOptions) {
    this.#options = options;
    this.#edges = options.edges;
  }

  /** Requests from now on go to these; the one that worked last stays first while it is among them. */
  setEdges(edges: readonly string[]): void {
    const preferred = edges.indexOf(this.#edges[this.#preferred] ?? '');
    this.#edges = edges;
    this.#preferred = Math.max(0, preferred);
  }

  /**
   * A response's whole body.
   * @throws EdgeFailure if no edge has it in time, or it is longer than `lengthMax` bytes.
   */
  async whole(
    path: string,
    lengthMax: number,
    timeoutMs: number,
    closing: AbortController,
    onBytes: (length: number) => void,
  ): Promise<Uint8Array> {
    const edges = this.#edges;
    const { clock } = this.#options;
    const first = this.#preferred;
    const outcome = await hedged(edges.length, HEDGE_AFTER_MS, clock, async (turn, controller) => {
      const edge = edges[(first + turn) % edges.length] ?? '';
      const parts: Uint8Array[] = [];
      let total = 0;
      const limits = { firstMs: timeoutMs, silenceMs: null };
      await this.#read(edge + path, [closing, controller], limits, (bytes) => {
        onBytes(bytes.length);
        total += bytes.length;
        if (total > lengthMax) throw new EdgeFailure(`sent more than ${lengthMax} bytes`, 'failed');
        parts.push(bytes);
      });
      return joined(parts, total);
    });
    if (outcome.index === null) throw this.#failed(first, outcome.failures, closing);
    this.#preferred = (first + outcome.index) % edges.length;
    return outcome.result;
  }

  /**
   * A response of framed chunks, each handed on as soon as it is whole. Once one has come, a failure is final: another
   * edge would begin anew.
   * @throws EdgeFailure or FramingError
   */
  async frames(
    path: string,
    silenceMaxMs: number,
    closing: AbortController,
    handlers: FrameHandlers,
  ): Promise<void> {
    let begun = false;
    await this.#failOver(
      closing,
      async (edge, isLast) => {
        const reader = new FrameReader();
        const firstMs = isLast ? silenceMaxMs : Math.min(silenceMaxMs, FIRST_BYTES_MAX_MS);
        await this.#read(edge + path, [closing], { firstMs, silenceMs: silenceMaxMs }, (bytes) => {
          handlers.onBytes(bytes.length);
          for (const frame of reader.push(bytes)) {
            begun = true;
            handlers.onFrame(frame);
          }
        });
        if (reader.pendingLength > 0) throw new EdgeFailure('cut off in the middle of a chunk', 'failed');
      },
      () => !begun,
    );
  }

  async #failOver(
    closing: AbortController,
    ask: (edge: string, isLast: boolean) => Promise<void>,
    mayGoOn: () => boolean,
  ): Promise<void> {
    const edges = this.#edges;
    const first = this.#preferred;
    const failures: unknown[] = [];
    for (let turn = 0; turn < edges.length; turn += 1) {
      const index = (first + turn) % edges.length;
      try {
        await ask(edges[index] ?? '', turn === edges.length - 1);
        this.#preferred = index;
        return;
      } catch (error) {
        failures.push(error);
        if (closing.signal.aborted || !mayGoOn()) break;
      }
    }
    throw this.#failed(first, failures, closing);
  }

  /**
   * What to say when no edge did, from the failures in the order of asking: gone only if one says so and no other may
   * still have it (it may lag behind).
   */
  #failed(first: number, failures: readonly unknown[], closing: AbortController): unknown {
    const kinds = failures.map((error) => (error instanceof EdgeFailure ? error.kind : 'failed'));
    // The edge asked first is not the first next time if it failed: one that answers "no such chunk" works, and one
    // whose answer we no longer wanted may.
    if (kinds[0] === 'failed' && !closing.signal.aborted && this.#preferred === first)
      this.#preferred = (first + 1) % Math.max(1, this.#edges.length);
    if (kinds.includes('gone') && !kinds.includes('failed')) return new EdgeFailure('gone', 'gone');
    const last = failures.at(-1) ?? new EdgeFailure('no edge is known', 'failed');
    return last instanceof EdgeFailure && last.kind === 'gone'
      ? new EdgeFailure(last.message, 'failed')
      : last;
  }

  /** Reads a body piece by piece; aborted when the other side is silent for too long, or one of `closing` is. */
  async #read(
    address: string,
    closing: readonly AbortController[],
    limits: { readonly firstMs: number; readonly silenceMs: number | null },
    onBytes: (bytes: Uint8Array) => void,
  ): Promise<void> {
    const { clock, fetch } = this.#options;
    const controller = new AbortController();
    const abort = (): void => {
      controller.abort(new EdgeFailure('given up', 'failed'));
    };
    for (const { signal } of closing) signal.addEventListener('abort', abort, { once: true });
    if (closing.some(({ signal }) => signal.aborted)) abort();
    const timedOut = (): void => {
      controller.abort(new EdgeFailure('timed out', 'failed'));
    };
    let cancelTimer = clock.after(limits.firstMs, timedOut);
    try {
      const response = await fetch(address, { signal: controller.signal, credentials: 'omit' });
      if (!response.ok) {
        await response.body?.cancel();
        throw new EdgeFailure(`answered ${response.status}`, STATUS_KINDS.get(response.status) ?? 'failed');
      }
      if (response.body === null) return;
      const reader = response.body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        if (limits.silenceMs !== null) {
          cancelTimer();
          cancelTimer = clock.after(limits.silenceMs, timedOut);
        }
        onBytes(value);
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
