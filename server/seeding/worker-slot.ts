import { createWorker } from 'mediasoup';
import type { types } from 'mediasoup';
import type { RandomSource } from '../../shared/units.ts';
import { errorText } from '../error.ts';
import type { Log } from '../log.ts';
import { listenInfos } from './listen-infos.ts';

/** A worker that is up, with the one port for all of its WebRTC. */
export interface RunningWorker {
  readonly worker: types.Worker;
  readonly webRtcServer: types.WebRtcServer;
}

export interface WorkerSlotOptions {
  /** UDP and TCP; 0: any free ones. */
  readonly port: number;
  readonly announcedAddress: string | null;
  readonly random: RandomSource;
  readonly log: Log;
  readonly onUp: (running: RunningWorker) => void;
  readonly onDown: () => void;
}

/** Waits before a dead worker is started again: the first is short, as its seeds wait. */
export const WORKER_BACK_OFF = { firstMs: 100, maxMs: 30_000 } as const;
/** A worker that ran this long has shown that it can. */
const STEADY_AFTER_MS = 60_000;

/** What happens in which phase; what is not here is ignored. */
const TRANSITIONS = {
  absent: { binary: 'starting', stop: 'stopped' },
  starting: { started: 'up', failed: 'waiting', stop: 'stopped' },
  up: { died: 'waiting', stop: 'stopped' },
  waiting: { elapsed: 'starting', stop: 'stopped' },
  stopped: {},
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

export type WorkerPhase = keyof typeof TRANSITIONS;
type WorkerEvent = 'binary' | 'started' | 'failed' | 'died' | 'elapsed' | 'stop';

/** Keeps one mediasoup worker running from when its binary is known: the one layer that retries it. */
export class WorkerSlot {
  #phase: WorkerPhase = 'absent';
  #binary = '';
  #running: RunningWorker | null = null;
  #timer: NodeJS.Timeout | null = null;
  #failures = 0;
  #upSince = 0;
  readonly #options: WorkerSlotOptions;

  constructor(options: WorkerSlotOptions) {
    this.#options = options;
  }

  get phase(): WorkerPhase {
    return this.#phase;
  }

  /** Process id of the worker, while one is up. */
  get pid(): number | null {
    return this.#running?.worker.pid ?? null;
  }

  /** The worker's binary is at `path`: start it. */
  use(path: string): void {
    this.#binary = path;
    if (this.#move('binary')) void this.#start();
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#move('stop');
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#running = null;
    if (running !== null) await closeWorker(running.worker);
  }

  /** False if nothing follows from the event in this phase. */
  #move(event: WorkerEvent): boolean {
    const next = nextPhase(this.#phase, event);
    if (next === undefined) return false;
    this.#phase = next;
    return true;
  }

  async #start(): Promise<void> {
    const { log, port, announcedAddress } = this.#options;
    try {
      const worker = await createWorker({ workerBin: this.#binary, logLevel: 'warn' });
      // Signals are the server's own affair: it closes the worker when it is done with it.
      const running = await withServer(worker, port, announcedAddress);
      if (!this.#move('started')) {
        await closeWorker(worker);
        return;
      }
      worker.once('died', (error) => {
        this.#died(running, error);
      });
      this.#running = running;
      this.#upSince = performance.now();
      log.info({ pid: worker.pid }, 'mediasoup worker is up');
      this.#options.onUp(running);
      if (worker.died) this.#died(running, new Error('died while starting'));
    } catch (error) {
      log.warn({ reason: errorText(error) }, 'mediasoup worker did not start');
      if (this.#move('failed')) this.#wait();
    }
  }

  #died(running: RunningWorker, error: Error): void {
    if (this.#running !== running || !this.#move('died')) return;
    this.#running = null;
    if (performance.now() - this.#upSince > STEADY_AFTER_MS) this.#failures = 0;
    this.#options.log.warn({ reason: error.message }, 'mediasoup worker died');
    this.#options.onDown();
    this.#wait();
  }

  #wait(): void {
    const { firstMs, maxMs } = WORKER_BACK_OFF;
    const delay = Math.min(maxMs, firstMs * 2 ** this.#failures) * (0.5 + this.#options.random() / 2);
    this.#failures += 1;
    this.#timer = setTimeout(() => {
      if (this.#move('elapsed')) void this.#start();
    }, delay);
  }
}

function nextPhase(phase: WorkerPhase, event: WorkerEvent): WorkerPhase | undefined {
  const row: Readonly<Partial<Record<WorkerEvent, WorkerPhase>>> = TRANSITIONS[phase];
  return row[event];
}

async function withServer(
  worker: types.Worker,
  port: number,
  announcedAddress: string | null,
): Promise<RunningWorker> {
  try {
    const webRtcServer = await worker.createWebRtcServer({
      listenInfos: listenInfos(port, announcedAddress),
    });
    return { worker, webRtcServer };
  } catch (error) {
    await closeWorker(worker);
    throw error;
  }
}

async function closeWorker(worker: types.Worker): Promise<void> {
  if (worker.subprocessClosed) return;
  const gone = new Promise<void>((resolve) => {
    worker.once('subprocessclose', () => {
      resolve();
    });
  });
  worker.close();
  await gone;
}
