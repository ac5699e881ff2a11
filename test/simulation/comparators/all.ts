import { RESPONSE_OVERHEAD } from '../edge-model.ts';
import type { SimulationOptions } from '../simulation.ts';
import { CHUNK_MS } from '../../support/virtual-origin.ts';
import { chunkLengthOf } from './chunk-length.ts';
import type { Comparator } from './comparator.ts';
import { http } from './http.ts';
import { pullMesh } from './pull-mesh.ts';
import { singleTree } from './single-tree.ts';

/** Play-out delay of all, as of Essaim's listeners; and of a mesh that is given the time it needs. */
export const PLAYOUT_DELAY_MS = 2_500;
const PATIENT_DELAY_MS = 10_000;
/** What many small stations have. */
const SMALL_EDGE_KBPS = 100_000;
const LARGE_EDGE_KBPS = 1_000_000;
/** DONet's segments and maps are both of one second. */
const PUBLISHED_MAP_INTERVAL_MS = 1_000;
/** An edge with capacity to spare has so many times what all listeners take. */
const SPARE_FACTOR = 2;

/** Every comparator that is simulated, in the order of the table. */
export function comparatorsFor({ network, peers, bitrateKbps }: SimulationOptions): readonly Comparator[] {
  const streamKbps = ((chunkLengthOf(bitrateKbps) + RESPONSE_OVERHEAD) * 8) / CHUNK_MS;
  const enoughKbps = Math.ceil((peers * streamKbps * SPARE_FACTOR) / 1_000) * 1_000;
  const common = { playoutDelayMs: PLAYOUT_DELAY_MS, edgeKbps: network.edgeKbps };
  const repaired = 'the same with burst and repair by the edge';
  const meshes = (name: string, about: string, mapIntervalMs: number): readonly Comparator[] => [
    pullMesh({ ...common, name, about, mapIntervalMs, withEdge: false }),
    pullMesh({ ...common, name: `${name} + edge`, about: repaired, mapIntervalMs, withEdge: true }),
  ];
  return [
    httpFrom(SMALL_EDGE_KBPS),
    httpFrom(LARGE_EDGE_KBPS),
    httpFrom(enoughKbps),
    ...meshes('pull-mesh', 'after CoolStreaming/DONet', PUBLISHED_MAP_INTERVAL_MS),
    ...meshes('pull-mesh, quick maps', 'the same with a buffer map per chunk', CHUNK_MS),
    pullMesh({
      ...common,
      name: 'pull-mesh, 10 s behind',
      about: 'as published, with a play-out delay of 10 s',
      playoutDelayMs: PATIENT_DELAY_MS,
      mapIntervalMs: PUBLISHED_MAP_INTERVAL_MS,
      withEdge: false,
    }),
    singleTree({ ...common, name: 'single-tree', about: 'one tree for the whole stream', withEdge: false }),
    singleTree({ ...common, name: 'single-tree + edge', about: repaired, withEdge: true }),
  ];
}

function httpFrom(edgeKbps: number): Comparator {
  const edge = `${edgeKbps / 1_000} Mbit/s`;
  return http(`http, ${edge}`, `everyone by HTTP from an edge of ${edge}`, edgeKbps, PLAYOUT_DELAY_MS);
}
