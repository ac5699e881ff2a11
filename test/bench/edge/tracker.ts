import { WebSocket } from 'ws';
import type { ListenerMessage } from '../../../shared/tracker/messages.ts';
import { trackerMessageSchema } from '../../../shared/tracker/messages.ts';
import { rssBytesOf } from '../process-usage.ts';
import { concurrently, rounded, sleep } from './section.ts';
import type { Row, Section, SectionOptions } from './section.ts';
import { startServerChild } from '../server-child.ts';
import type { ServerChild } from '../server-child.ts';

const COUNTS = [1_000, 5_000] as const;
const COUNTS_QUICK = [200] as const;
/** Joins under way at a time. */
const JOINING_MAX = 32;
/** These come and go first, so that what the server allocates but once is not counted per connection. */
const WARM_UP_COUNT = 50;
const JOIN_TIMEOUT_MS = 20_000;

/** Joins per second, and memory of a listener that has joined and is silent; a fresh server for each count. */
export const trackerSection: Section = {
  name: 'tracker',
  title: 'Tracker (clients on the same machine)',
  run: async (options) => {
    const rows: Row[] = [];
    for (const count of options.quick ? COUNTS_QUICK : COUNTS) rows.push(await measure(count, options));
    return rows;
  },
};

async function measure(count: number, { quick, progress }: SectionOptions): Promise<Row> {
  const server = await startServerChild({ webrtc: false });
  const settleMs = quick ? 1_000 : 8_000;
  const sockets: WebSocket[] = [];
  try {
    progress(`${count} connections: warming up`);
    await joinMany(server, WARM_UP_COUNT, sockets);
    for (const socket of sockets.splice(0)) socket.terminate();
    await sleep(settleMs);
    const rssBefore = rssBytesOf(server.pid);
    progress(`${count} connections: joining`);
    const started = performance.now();
    await joinMany(server, count, sockets);
    const seconds = (performance.now() - started) / 1000;
    progress(`${count} connections: idle`);
    await sleep(settleMs);
    const rssAfter = rssBytesOf(server.pid);
    const open = sockets.filter(({ readyState }) => readyState === WebSocket.OPEN).length;
    if (open !== count)
      throw new Error(`Cannot measure ${count} connections as all must stay open: current value is ${open}`);
    return {
      of: `connections${count}`,
      figures: {
        joinsPerSecond: rounded(count / seconds),
        rssKbPerConnection: rounded((rssAfter - rssBefore) / 1024 / count, 1),
        rssMbBefore: rounded(rssBefore / 1_048_576, 1),
        rssMbAfter: rounded(rssAfter / 1_048_576, 1),
      },
    };
  } finally {
    for (const socket of sockets) socket.terminate();
    await server.stop();
  }
}

const joinMany = (server: ServerChild, count: number, sockets: WebSocket[]): Promise<void> =>
  concurrently(count, JOINING_MAX, async () => {
    sockets.push(await join(server));
  });

/** Connects, joins, and is welcomed. */
async function join({ url, mountId }: ServerChild): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/tracker`, { perMessageDeflate: false });
  const welcomed = Promise.withResolvers<undefined>();
  const message: ListenerMessage = {
    type: 'join',
    version: 1,
    mountId,
    participation: 'relay',
    uploadCapKbps: 1_000,
    neighbours: [],
  };
  socket.on('open', () => {
    socket.send(JSON.stringify(message));
  });
  const onMessage = (data: Buffer): void => {
    const parsed = trackerMessageSchema.safeParse(JSON.parse(data.toString('utf8')));
    if (!parsed.success || parsed.data.type !== 'welcome') return;
    socket.off('message', onMessage);
    welcomed.resolve(undefined);
  };
  socket.on('message', onMessage);
  socket.on('error', welcomed.reject);
  socket.on('close', (code) => {
    welcomed.reject(
      new Error(`Cannot join as the tracker must welcome: current value is close code ${code}`),
    );
  });
  const timer = setTimeout(() => {
    welcomed.reject(
      new Error(`Cannot join as the tracker must welcome in ${JOIN_TIMEOUT_MS} ms: current value is silence`),
    );
  }, JOIN_TIMEOUT_MS);
  try {
    await welcomed.promise;
    return socket;
  } catch (error) {
    socket.terminate();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
