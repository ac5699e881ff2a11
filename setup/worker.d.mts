/** How a worker build ended. `reason` is one sentence (or more) for the log and `/healthz`. */
export type WorkerBuildResult =
  | { readonly kind: 'ready'; readonly path: string }
  | { readonly kind: 'impossible'; readonly reason: string };

export interface WorkerBuildEvents {
  /** Compile steps: `done` of `total`. */
  readonly onProgress: (done: number, total: number) => void;
  /** One line for the log, such as "setup: downloading …". */
  readonly onLine: (line: string) => void;
}

export interface WorkerBuild {
  /** Never rejects. */
  readonly finished: Promise<WorkerBuildResult>;
  /** Stops it; what is compiled so far is kept for the next time. Safe at any moment. */
  readonly stop: () => void;
}

/**
 * The path of a mediasoup worker that runs on this machine: `MEDIASOUP_WORKER_BIN`, else the one in the user's
 * cache folder (which was verified by a message through a DirectTransport before it got its name).
 *
 * @throws {Error} when MEDIASOUP_WORKER_BIN is set and names none
 */
export function findWorker(env?: NodeJS.ProcessEnv): string | null;

/**
 * Downloads or builds a worker in a child process of the lowest priority. The child ends when we do, waits for
 * another build that is under way, and installs missing Debian packages when it runs as root.
 */
export function startWorkerBuild(events: WorkerBuildEvents): WorkerBuild;

/** Folder of this machine's worker in the user's cache. */
export function workerFolder(env?: NodeJS.ProcessEnv): string;

/** Its path there, whether it exists or not. */
export function workerFile(env?: NodeJS.ProcessEnv): string;
