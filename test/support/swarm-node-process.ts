import { createHash } from 'node:crypto';
import { z } from 'zod';
import { createListener } from '../../client/listener/listener.ts';
import type { Listener } from '../../client/listener/listener.ts';
import { closeNodeEnvironment, createNodeEnvironment } from '../../server/listener/node-environment.ts';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import { orderSchema } from './swarm-node-messages.ts';
import type { NodeState, Order } from './swarm-node-messages.ts';
import { tamperingEnvironment } from './swarm-tampering.ts';
import type { Tampering } from './swarm-tampering.ts';

/** A process of Node listeners, ordered about over IPC (see `swarm-node-listeners.ts`). */

interface Run {
  readonly number: number;
  readonly listener: Listener;
  readonly played: NodeState['played'];
  readonly tampering: Tampering;
}

const environment = createNodeEnvironment();
const runs: Run[] = [];
let started = 0;

process.on('message', (message) => {
  const { id, order } = z.object({ id: z.number(), order: orderSchema }).parse(message);
  void obey(order).then(() => process.send?.({ id, answer: { listeners: runs.map(stateOf) } }));
});
process.on('disconnect', () => {
  void Promise.all(runs.map(({ listener }) => listener.stop())).then(() => {
    closeNodeEnvironment();
    process.exit(0);
  });
});

async function obey(order: Order): Promise<void> {
  switch (order.type) {
    case 'start':
      for (let index = 0; index < order.count; index += 1) runs.push(await start(order));
      return;
    case 'leave':
      for (const run of runs.filter(({ listener }) =>
        order.peerIds.includes(listener.snapshot().peerId ?? ''),
      )) {
        runs.splice(runs.indexOf(run), 1);
        await run.listener.stop();
      }
      return;
    case 'tamper':
      runs.find(({ listener }) => listener.snapshot().peerId === order.peerId)?.tampering.begin();
      return;
    case 'ask':
  }
}

async function start(order: Extract<Order, { type: 'start' }>): Promise<Run> {
  const station = stationDescriptionSchema.parse(await (await fetch(order.stationUrl)).json());
  const mount = station.mounts.find(({ path }) => path === order.mountPath);
  if (mount === undefined) throw new Error(`Cannot listen to ${order.mountPath}: no such mount`);
  const tampering = tamperingEnvironment(environment);
  const played: NodeState['played'] = [];
  const listener = createListener({
    station,
    mount,
    publicKey: station.publicKey,
    participation: 'relay',
    uploadCapKbps: order.uploadCapKbps,
    peersAllowed: true,
    sink: {
      play: ({ header: { epoch, sequence }, wire }) =>
        void played.push({ epoch, sequence, digest: createHash('sha256').update(wire).digest('hex') }),
    },
    environment: tampering.environment,
  });
  listener.start();
  started += 1;
  return { number: started, listener, played, tampering };
}

const stateOf = ({ number, listener, played, tampering }: Run): NodeState => ({
  number,
  snapshot: toPlain(listener),
  played,
  tampering: tampering.figures(),
});

function toPlain(listener: Listener): NodeState['snapshot'] {
  const { phase, peerId, neighbours, parents, childCount, counters } = listener.snapshot();
  return { phase, peerId, neighbours: [...neighbours], parents: [...parents], childCount, counters };
}
