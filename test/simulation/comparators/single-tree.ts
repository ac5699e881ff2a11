import { CHILD_SHARE_OF_CAP } from '../../../shared/swarm/limits.ts';
import { CHUNK_MS } from '../../support/virtual-origin.ts';
import type { Departure } from '../audience.ts';
import type { Way } from '../network/machine.ts';
import { canConnect } from '../network/nat.ts';
import type { Comparator, PeerComparatorOptions, Protocol } from './comparator.ts';
import type { Listener } from './listener.ts';
import type { World } from './world.ts';

/** Children of the edge itself. */
const EDGE_CHILDREN = 8;
/** A parent that vanished is noticed by its silence. */
const SILENCE_MS = 1_000;
/** Without a free place, the tracker is asked again after so long. */
const RETRY_MS = 1_000;
/** "Be my parent, I lack these", and the answer. */
const ADOPT_LENGTH = 20;

interface Node {
  readonly listener: Listener;
  /** So many copies of the whole stream fit into its cap. */
  readonly childrenMax: number;
  /** Places taken: the link may still be opening. */
  readonly children: Map<Node, Way | null>;
  /** Null: it looks for one. */
  parent: Node | typeof EDGE | null;
}

const EDGE = 'edge';

/**
 * One tree for the whole stream: the tracker gives each listener the highest free place, a parent pushes everything to
 * its children, and whoever loses its parent, its own children staying with it, asks the tracker for another and is
 * sent what it missed. No stripes, no mesh. Kinder than a real one: the tracker knows at once who left, what is free
 * and who can reach whom; a silence is never mistaken; parents know at no cost what children hold already.
 */
export const singleTree = ({ withEdge, ...options }: PeerComparatorOptions): Comparator => ({
  ...options,
  burstAtJoin: withEdge,
  edgeRepairs: withEdge,
  begin: (world) => new SingleTree(world, withEdge),
});

class SingleTree implements Protocol {
  readonly #world: World;
  readonly #withEdge: boolean;
  readonly #nodes = new Map<Listener, Node>();
  readonly #top = new Set<Node>();

  constructor(world: World, withEdge: boolean) {
    this.#world = world;
    this.#withEdge = withEdge;
  }

  join(listener: Listener): void {
    const childKbps = (this.#world.paths.chunkBytesOnWire * 8) / CHUNK_MS;
    const childrenMax = Math.floor((listener.machine.uploadCapKbps * CHILD_SHARE_OF_CAP) / childKbps);
    const node: Node = { listener, childrenMax, children: new Map(), parent: null };
    this.#nodes.set(listener, node);
    if (this.#withEdge) this.#world.burst(listener);
    this.#seekParent(node);
  }

  leave(listener: Listener, how: Departure): void {
    const node = this.#nodes.get(listener);
    if (node === undefined) return;
    this.#nodes.delete(listener);
    if (node.parent === EDGE) this.#top.delete(node);
    else node.parent?.children.delete(node);
    for (const [child, way] of node.children) {
      child.parent = null;
      this.#world.time.after(how === 'closed' ? (way?.crossing() ?? 0) : SILENCE_MS, () => {
        this.#seekParent(child);
      });
    }
  }

  produced(chunk: number): void {
    for (const { listener } of this.#top) this.#world.edge.send(listener, chunk, 'seed');
  }

  received(listener: Listener, chunk: number): void {
    const node = this.#nodes.get(listener);
    for (const [child, way] of node?.children ?? [])
      if (way !== null) this.#push(listener, child, way, chunk);
  }

  #push(from: Listener, { listener: to }: Node, way: Way, chunk: number): void {
    if (to.holdings.has(chunk)) return;
    this.#world.paths.sendChunk(from, to, way, () => {
      this.#world.receive(to, chunk);
    });
  }

  #seekParent(node: Node): void {
    this.#world.edge.request(node.listener, () => {
      const parent = this.#highestPlace(node);
      if (parent === null) {
        this.#world.time.after(RETRY_MS, () => {
          this.#seekParent(node);
        });
        return;
      }
      node.parent = parent;
      if (parent === EDGE) this.#hangOnEdge(node);
      else this.#hang(node, parent);
    });
  }

  /**
   * Level by level from the edge down, so that no loop can form: whoever has no way to the edge is never met. Places at
   * the edge are kept for those that pass something on.
   */
  #highestPlace(node: Node): Node | typeof EDGE | null {
    const isLeaf = node.childrenMax === 0;
    if (this.#top.size < EDGE_CHILDREN && !isLeaf) return EDGE;
    for (
      let level = [...this.#top];
      level.length > 0;
      level = level.flatMap(({ children }) => [...children.keys()])
    ) {
      const parent = level.find(
        ({ children, childrenMax, listener }) =>
          children.size < childrenMax && canConnect(listener.machine.nat, node.listener.machine.nat),
      );
      if (parent !== undefined) return parent;
    }
    return this.#top.size < EDGE_CHILDREN ? EDGE : null;
  }

  #hangOnEdge(node: Node): void {
    const { edge } = this.#world;
    this.#top.add(node);
    for (const chunk of this.#lackedBy(node)) edge.send(node.listener, chunk, 'seed');
  }

  #hang(node: Node, parent: Node): void {
    const { paths } = this.#world;
    const { listener } = node;
    parent.children.set(node, null);
    paths.connect(parent.listener, listener, (way) => {
      if (node.parent !== parent) return;
      paths.sendControl(listener, parent.listener, way, ADOPT_LENGTH, () => {
        if (node.parent !== parent) return;
        parent.children.set(node, way);
        for (const chunk of this.#lackedBy(node))
          if (parent.listener.holdings.has(chunk)) this.#push(parent.listener, node, way, chunk);
      });
    });
  }

  /** What can still be heard in time, oldest first. */
  #lackedBy({ listener }: Node): number[] {
    const { newest, playoutDelayMs, time } = this.#world;
    const lacked: number[] = [];
    for (let chunk = Math.max(0, newest - Math.ceil(playoutDelayMs / CHUNK_MS)); chunk <= newest; chunk += 1)
      if (!listener.holdings.has(chunk) && listener.ear.dueAt(chunk) > time.now) lacked.push(chunk);
    return lacked;
  }
}
