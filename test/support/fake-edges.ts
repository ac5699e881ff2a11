/** What a fake edge does with a request for a path. */
export type EdgeScript = (path: string, body: EdgeBody) => Response | Promise<Response>;

/** A response body that the test writes piece by piece. */
export class EdgeBody {
  readonly stream: ReadableStream<Uint8Array>;
  cancelled = false;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;

  constructor(signal: AbortSignal | null) {
    this.stream = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => {
        this.cancelled = true;
      },
    });
    signal?.addEventListener('abort', () => {
      this.cancelled = true;
      this.#controller?.error(signal.reason);
      this.#controller = null;
    });
  }

  write(bytes: Uint8Array): void {
    this.#controller?.enqueue(bytes);
  }

  end(): void {
    this.#controller?.close();
    this.#controller = null;
  }
}

export interface FakeRequest {
  readonly edge: string;
  readonly path: string;
  readonly body: EdgeBody;
}

/** A `fetch` over edges that are named by their host. */
export function fakeEdges(scripts: Readonly<Record<string, EdgeScript>>): {
  readonly fetch: typeof globalThis.fetch;
  readonly requests: FakeRequest[];
} {
  const requests: FakeRequest[] = [];
  return {
    requests,
    fetch: async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      const signal = init?.signal ?? null;
      const body = new EdgeBody(signal);
      const path = url.pathname + url.search;
      requests.push({ edge: url.host, path, body });
      const script = scripts[url.host];
      if (script === undefined) throw new TypeError('fetch failed');
      const aborted = new Promise<never>((_, reject) => {
        signal?.addEventListener('abort', () => {
          reject(new Error('aborted'));
        });
      });
      return await Promise.race([Promise.resolve(script(path, body)), aborted]);
    },
  };
}
