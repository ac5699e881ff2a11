import type { CodecName } from '../../shared/codec/codec.ts';
import type { BrowserName } from './browser.ts';
import { startNodeListeners } from './swarm-node-listeners.ts';
import type { NodeListeners } from './swarm-node-listeners.ts';
import type { NodeState, SwarmSnapshot } from './swarm-node-messages.ts';
import { recordOrigin } from './swarm-origin.ts';
import type { OriginRecord } from './swarm-origin.ts';
import { pollUntil } from './swarm-poll.ts';
import { mountPath } from './swarm-stage.ts';
import type { SwarmStage } from './swarm-stage.ts';
import { openSwarmTab } from './swarm-tab.ts';
import type { SwarmTab } from './swarm-tab.ts';

/** One listener as all of them can be asked about. */
export interface ListenerState {
  /** E.g. `chromium 2`, `node 5`. */
  readonly name: string;
  readonly snapshot: SwarmSnapshot;
  readonly played: NodeState['played'];
  readonly tampering: NodeState['tampering'];
  /** Null in Node. */
  readonly tab: SwarmTab | null;
}

/** The listeners of one mount, in tabs and in Node, and what the origin signed. */
export class Swarm {
  readonly path: string;
  readonly tabs: SwarmTab[] = [];
  readonly nodes: NodeListeners;
  readonly origin: OriginRecord;
  readonly #stage: SwarmStage;
  #tabNumber = 0;

  static async open(stage: SwarmStage, codec: CodecName): Promise<Swarm> {
    const path = mountPath(codec);
    const { id } = await stage.server.mount(path);
    const origin = await recordOrigin(`${stage.server.directUrl}/api/mounts/${id}`);
    const nodes = startNodeListeners(`${stage.server.url}/api/stations/swarm`, path);
    return new Swarm(stage, path, nodes, origin);
  }

  private constructor(stage: SwarmStage, path: string, nodes: NodeListeners, origin: OriginRecord) {
    this.#stage = stage;
    this.path = path;
    this.nodes = nodes;
    this.origin = origin;
  }

  /**
   * One after the other, as people come. Each has sound when the next one comes: Chromium loads nothing in a tab that
   * has never played and is hidden, until it is seen again.
   */
  async addTabs(browserNames: readonly BrowserName[]): Promise<void> {
    const { server, browsers } = this.#stage;
    for (const name of browserNames) {
      this.#tabNumber += 1;
      const label = `${name} ${this.#tabNumber}`;
      const tab = await openSwarmTab(browsers[name], name, label, server.url, this.path);
      this.tabs.push(tab);
      await tab.waitForFirstSound();
    }
  }

  /** All that play: a tab that does not has no snapshot, and is no member yet. */
  async states(): Promise<readonly ListenerState[]> {
    const nodeStates = await this.nodes.states();
    const tabs = await Promise.all(this.tabs.map(async (tab) => ({ tab, state: await tab.state() })));
    return [
      ...tabs.flatMap(({ tab, state: { snapshot, played } }) =>
        snapshot === null ? [] : [{ name: tab.name, snapshot, played, tampering: null, tab }],
      ),
      ...nodeStates.map((state) => ({ ...state, name: `node ${state.number}`, tab: null })),
    ];
  }

  /** Waits until each listener has played `chunks` more than now. */
  async waitForSound(chunks: number, timeoutMs: number): Promise<void> {
    const before = new Map((await this.states()).map((state) => [state.name, lastPlayed(state)]));
    const missing = async (): Promise<readonly string[]> =>
      (await this.states())
        .filter((state) => lastPlayed(state) < (before.get(state.name) ?? 0) + chunks)
        .map(({ name }) => name);
    await pollUntil(
      `everyone hears ${chunks} more chunks`,
      timeoutMs,
      async () => (await missing()).length === 0,
      async () => `without: ${(await missing()).join(', ')}; ${this.#stage.server.log()}`,
    );
  }

  /** Closes these at once; the rest is not told. */
  async close(states: readonly ListenerState[]): Promise<void> {
    const peerIds = states.flatMap(({ tab, snapshot }) => (tab === null ? [snapshot.peerId ?? ''] : []));
    const tabs = states.flatMap(({ tab }) => (tab === null ? [] : [tab]));
    this.tabs.splice(0, Infinity, ...this.tabs.filter((tab) => !tabs.includes(tab)));
    await Promise.all([
      ...tabs.map((tab) => tab.close()),
      ...(peerIds.length === 0 ? [] : [this.nodes.leave(peerIds)]),
    ]);
  }

  async stop(): Promise<void> {
    this.origin.close();
    await Promise.all([...this.tabs.splice(0).map((tab) => tab.close()), this.nodes.stop()]);
  }
}

const lastPlayed = ({ played }: ListenerState): number => played.at(-1)?.sequence ?? 0;

/** What is wrong with the sequence of chunks that was played, in words; nothing, if all is well. */
export function playFaults(states: readonly ListenerState[], origin: OriginRecord): readonly string[] {
  return states.flatMap(({ name, played, snapshot }) => [
    ...(snapshot.counters.chunksSkipped === 0 ? [] : [`${name}: skipped ${snapshot.counters.chunksSkipped}`]),
    ...played.flatMap(({ epoch, sequence, digest }, index) => {
      const before = played[index - 1];
      const follows = before === undefined || (epoch === before.epoch && sequence === before.sequence + 1);
      return [
        ...(follows ? [] : [`${name}: ${epoch}/${sequence} after ${before.epoch}/${before.sequence}`]),
        // The newest may still be on its way to the record, or being digested.
        ...(index > played.length - DIGESTS_PENDING || digest === origin.digest(epoch, sequence)
          ? []
          : [`${name}: ${epoch}/${sequence} is not what the origin signed`]),
      ];
    }),
  ]);
}

const DIGESTS_PENDING = 4;

/** For a failure's report: who is whose parent. */
export const describeStates = (states: readonly ListenerState[]): string =>
  states
    .map(({ name, snapshot: { peerId, parents, childCount, neighbours, counters }, tampering }) =>
      JSON.stringify({
        name,
        peerId,
        parents,
        childCount,
        neighbours: neighbours.length,
        counters,
        tampering,
      }),
    )
    .join('\n');

/** Share of the chunk bytes received between two moments that came from other listeners. */
export function offloadBetween(before: readonly ListenerState[], after: readonly ListenerState[]): number {
  let fromPeers = 0;
  let fromEdges = 0;
  for (const { name, snapshot } of after) {
    const start = before.find((state) => state.name === name)?.snapshot.counters;
    fromPeers += snapshot.counters.chunkBytesFromPeers - (start?.chunkBytesFromPeers ?? 0);
    fromEdges += snapshot.counters.chunkBytesFromEdges - (start?.chunkBytesFromEdges ?? 0);
  }
  return fromPeers / (fromPeers + fromEdges);
}
