import type { Device } from 'mediasoup-client';
import type { CancelTimer, Clock, OpenSeedTransport, SeedTransportHandlers } from './environment.ts';
import { parseSeedOffer } from './seed-offer.ts';
import type { ParsedSeedOffer } from './seed-offer.ts';

/** A seed transport that carries nothing by then is given up. */
export const SEED_SETUP_TIMEOUT_MS = 8_000;

/**
 * Seeds by mediasoup-client: one receiving transport with one data channel, on which the edge pushes whole chunks.
 * @param createDevice a device for this browser, or for Node; not loaded yet
 */
export function seedTransportOpener(createDevice: () => Promise<Device>, clock: Clock): OpenSeedTransport {
  return (offer, handlers) => {
    const run = new SeedRun(handlers, clock);
    const parsed = parseSeedOffer(offer);
    if (parsed === null) run.failLater('the offer is not understood');
    else void run.open(parsed, createDevice);
    return run;
  };
}

class SeedRun {
  readonly #handlers: SeedTransportHandlers;
  readonly #clock: Clock;
  #phase: 'opening' | 'open' | 'closed' = 'opening';
  #transport: { close(): void } | null = null;
  #cancelTimer: CancelTimer;

  constructor(handlers: SeedTransportHandlers, clock: Clock) {
    this.#handlers = handlers;
    this.#clock = clock;
    this.#cancelTimer = clock.after(SEED_SETUP_TIMEOUT_MS, () => {
      this.#fail('set-up timeout');
    });
  }

  /** Handlers are never called before the opener has returned. */
  failLater(reason: string): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(0, () => {
      this.#fail(reason);
    });
  }

  async open(offer: ParsedSeedOffer, createDevice: () => Promise<Device>): Promise<void> {
    try {
      const device = await createDevice();
      // Of the router's capabilities only those for media matter, and there is none.
      await device.load({ routerRtpCapabilities: {} });
      if (this.#phase === 'closed') return;
      const transport = device.createRecvTransport(offer.transport);
      this.#transport = transport;
      transport.on('connect', ({ dtlsParameters }, done) => {
        this.#handlers.onConnect(dtlsParameters);
        done();
      });
      transport.on('connectionstatechange', (state) => {
        if (state === 'failed' || state === 'disconnected' || state === 'closed')
          this.#fail(`transport ${state}`);
      });
      const consumer = await transport.consumeData(offer.consumer);
      consumer.on('open', () => {
        this.#opened();
      });
      consumer.on('message', (data: unknown) => {
        this.#received(data);
      });
      consumer.on('error', (error) => {
        this.#fail(`channel: ${error.message}`);
      });
      consumer.on('close', () => {
        this.#fail('channel closed');
      });
      if (consumer.readyState === 'open') this.#opened();
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  close(): void {
    this.#phase = 'closed';
    this.#cancelTimer();
    this.#transport?.close();
    this.#transport = null;
  }

  #opened(): void {
    if (this.#phase !== 'opening') return;
    this.#phase = 'open';
    this.#cancelTimer();
    this.#handlers.onOpen();
  }

  #received(data: unknown): void {
    if (this.#phase === 'closed') return;
    if (data instanceof ArrayBuffer) this.#handlers.onMessage(new Uint8Array(data));
    else if (ArrayBuffer.isView(data)) {
      this.#handlers.onMessage(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
  }

  #fail(reason: string): void {
    if (this.#phase === 'closed') return;
    this.close();
    this.#handlers.onFailed(reason);
  }
}
