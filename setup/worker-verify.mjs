// Run by Node 24 as a child process (mediasoup does not run on older ones):
//   node setup/worker-verify.mjs PATH-OF-MEDIASOUP-WORKER
// Exits 0 when a message sent through that worker by a DirectTransport comes back.
import { createWorker } from 'mediasoup';

/** Milliseconds; a healthy worker needs about 100. */
const verifyMaxMs = 20_000;

const workerBin = process.argv[2];
if (workerBin === undefined)
  throw new Error('Cannot verify a worker as its path must be given: current value is none');

setTimeout(() => {
  console.error(`no message came back within ${verifyMaxMs} ms`);
  process.exit(1);
}, verifyMaxMs).unref();

const worker = await createWorker({ workerBin, logLevel: 'warn' });
worker.on('died', (error) => {
  console.error(error.message);
  process.exit(1);
});
const router = await worker.createRouter();
const transport = await router.createDirectTransport();
const producer = await transport.produceData();
const consumer = await transport.consumeData({ dataProducerId: producer.id });
const echoed = new Promise((resolve) => {
  consumer.on('message', resolve);
});
producer.send('essaim');
await echoed;
worker.close();
process.exit(0);
