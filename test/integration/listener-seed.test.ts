import { createWorker } from 'mediasoup';
import type { types } from 'mediasoup';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SeedTransport } from '../../client/listener/environment.ts';
import { closeNodeEnvironment, createNodeEnvironment } from '../../server/listener/node-environment.ts';
import type { SeedOffer } from '../../shared/tracker/messages.ts';
import { waitFor } from '../support/wait-for.ts';
import { findWorker } from '../../setup/worker.mjs';

const environment = createNodeEnvironment();
let worker: types.Worker;
let router: types.Router;
let server: types.WebRtcServer;
let producer: types.DataProducer;
let seed: SeedTransport | null = null;

beforeAll(async () => {
  worker = await createWorker({ workerBin: findWorker() ?? 'no mediasoup worker: npm run setup' });
  router = await worker.createRouter({ mediaCodecs: [] });
  server = await worker.createWebRtcServer({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }] });
  const direct = await router.createDirectTransport();
  producer = await direct.produceData({ label: 'chunks', protocol: 'essaim' });
});
afterAll(() => {
  seed?.close();
  worker.close();
  closeNodeEnvironment();
});

interface Offered {
  readonly offer: SeedOffer;
  readonly transport: types.WebRtcTransport;
}

async function offer(subchannels: number[]): Promise<Offered> {
  const transport = await router.createWebRtcTransport({ webRtcServer: server, enableSctp: true });
  const consumer = await transport.consumeData({
    dataProducerId: producer.id,
    ordered: false,
    maxPacketLifeTime: 2000,
    subchannels,
  });
  const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = transport;
  const { sctpStreamParameters, label, protocol } = consumer;
  // As the tracker carries it.
  const carried: SeedOffer = JSON.parse(
    JSON.stringify({
      routerRtpCapabilities: router.rtpCapabilities,
      transport: { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters },
      consumer: {
        id: consumer.id,
        dataProducerId: producer.id,
        sctpStreamParameters,
        label,
        protocol,
      },
    }),
  );
  return { offer: carried, transport };
}

const hostile: SeedOffer = {
  routerRtpCapabilities: null,
  transport: { id: 'x', iceParameters: 7, iceCandidates: [], dtlsParameters: null, sctpParameters: {} },
  consumer: { id: 'x', dataProducerId: 'x', sctpStreamParameters: null, label: '', protocol: '' },
};

describe('a seed in Node', () => {
  test('receives whole messages of its stripes’ subchannels from the edge, and only those', async () => {
    const { offer: given, transport } = await offer([1, 3]);
    const open = await environment.loadSeedTransport?.();
    const events: string[] = [];
    const received: Uint8Array[] = [];
    const handed: Promise<void>[] = [];
    seed =
      open?.(given, {
        onConnect: (dtlsParameters) => {
          const parameters: types.DtlsParameters = JSON.parse(JSON.stringify(dtlsParameters));
          handed.push(transport.connect({ dtlsParameters: parameters }));
        },
        onOpen: () => events.push('open'),
        onMessage: (data) => received.push(data),
        onFailed: (reason) => events.push(`failed: ${reason}`),
      }) ?? null;
    await waitFor('the seed is open', () => events.length > 0);
    await Promise.all(handed);
    expect(events).toEqual(['open']);
    for (let number = 0; number < 16; number += 1) {
      producer.send(Buffer.alloc(number === 1 ? 210_000 : 20_000, number), undefined, [number % 4]);
    }
    await waitFor('its stripes have come', () => received.length >= 8);
    const numbers = received.map((data) => data[0] ?? -1).toSorted((left, right) => left - right);
    expect(numbers).toEqual([1, 3, 5, 7, 9, 11, 13, 15]);
    expect(received.find((data) => data[0] === 1)).toEqual(new Uint8Array(210_000).fill(1));

    transport.close();
    await waitFor('the seed knows that its transport is gone', () => events.length > 1);
    expect(events[1]).toMatch(/^failed: /);
  });

  test('fails with a reason on an offer that it does not understand', async () => {
    const open = await environment.loadSeedTransport?.();
    const events: string[] = [];
    open?.(hostile, {
      onConnect: () => events.push('connect'),
      onOpen: () => events.push('open'),
      onMessage: () => events.push('message'),
      onFailed: (reason) => events.push(reason),
    });
    expect(events).toEqual([]);
    await waitFor('it has failed', () => events.length > 0);
    expect(events).toEqual(['the offer is not understood']);
  });
});
