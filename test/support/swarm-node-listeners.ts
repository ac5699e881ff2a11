import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { kill } from './ffmpeg.ts';
import { THIS_HOST } from './host-network.ts';
import { answerSchema } from './swarm-node-messages.ts';
import type { NodeState, Order } from './swarm-node-messages.ts';

/** Listeners in a Node process of their own, with WebRTC and without ears. */
export interface NodeListeners {
  add(count: number): Promise<void>;
  states(): Promise<readonly NodeState[]>;
  /** They leave, all at once. */
  leave(peerIds: readonly string[]): Promise<void>;
  /** From now on it spoils every chunk that it passes on. */
  tamper(peerId: string): Promise<void>;
  stop(): Promise<void>;
}

const PROCESS = fileURLToPath(new URL('swarm-node-process.ts', import.meta.url));
const replySchema = z.object({ id: z.number(), answer: answerSchema });

/** @param uploadCapKbps of each listener */
export function startNodeListeners(
  stationUrl: string,
  mountPath: string,
  uploadCapKbps = 2_000,
  host = THIS_HOST,
): NodeListeners {
  const [execPath, execArgv] = host.command(process.execPath, []);
  const child = fork(PROCESS, {
    execPath,
    execArgv: [...execArgv],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, (states: readonly NodeState[]) => void>();
  let nextId = 0;
  child.on('message', (message) => {
    const { id, answer } = replySchema.parse(message);
    waiting.get(id)?.(answer.listeners);
    waiting.delete(id);
  });
  const order = (order: Order): Promise<readonly NodeState[]> =>
    new Promise((resolve, reject) => {
      const id = nextId;
      nextId += 1;
      waiting.set(id, resolve);
      child.send({ id, order }, (error) => {
        if (error !== null) reject(error);
      });
    });
  return {
    add: async (count) => {
      await order({ type: 'start', stationUrl, mountPath, count, uploadCapKbps });
    },
    tamper: async (peerId) => {
      await order({ type: 'tamper', peerId });
    },
    states: () => order({ type: 'ask' }),
    leave: async (peerIds) => {
      await order({ type: 'leave', peerIds: [...peerIds] });
    },
    stop: () => kill(child),
  };
}
