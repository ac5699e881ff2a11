import { z } from 'zod';

/** What the test and the process of its Node listeners say to each other. */

export const startSchema = z.object({
  type: z.literal('start'),
  /** Of a station's description. */
  stationUrl: z.string(),
  mountPath: z.string(),
  count: z.number(),
  uploadCapKbps: z.number(),
});

export const orderSchema = z.union([
  startSchema,
  z.object({ type: z.literal('leave'), peerIds: z.array(z.string()) }),
  /** From now on it spoils every chunk that it passes on. */
  z.object({ type: z.literal('tamper'), peerId: z.string() }),
  z.object({ type: z.literal('ask') }),
]);
export type Order = z.infer<typeof orderSchema>;

export const playedChunkSchema = z.object({
  epoch: z.number(),
  sequence: z.number(),
  digest: z.string().nullable(),
});

const snapshotSchema = z.object({
  phase: z.string(),
  peerId: z.string().nullable(),
  neighbours: z.array(z.object({ peerId: z.string() })),
  parents: z.array(z.string().nullable()),
  childCount: z.number(),
  counters: z.object({
    chunkBytesFromPeers: z.number(),
    chunkBytesFromEdges: z.number(),
    chunkBytesToPeers: z.number(),
    chunksDue: z.number(),
    chunksInTime: z.number(),
    chunksSkipped: z.number(),
    misbehavingPeers: z.number(),
    reparentings: z.number(),
  }),
});
/** As much of an engine's snapshot as these tests look at. */
export type SwarmSnapshot = z.infer<typeof snapshotSchema>;

export const nodeStateSchema = z.object({
  /** In the order of their coming. */
  number: z.number(),
  snapshot: snapshotSchema,
  played: z.array(playedChunkSchema),
  /** Null in an honest listener. */
  tampering: z.object({ spoiled: z.number(), linksSpoiled: z.number(), linksOpen: z.number() }).nullable(),
});
export type NodeState = z.infer<typeof nodeStateSchema>;

export const answerSchema = z.object({ listeners: z.array(nodeStateSchema) });
