import { randomBytes } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import type { Chunk } from '../../shared/chunk/chunk.ts';
import { CHUNK_LENGTH_MAX, chunkStripe } from '../../shared/chunk/chunk.ts';
import type { RandomSource, UnixMillis } from '../../shared/units.ts';
import { errorText } from '../error.ts';
import { isSignedBy } from '../follow/chunk-check.ts';
import type { LiveMount } from '../station/live-mount.ts';
import type { ProbeDeck } from './probe-deck.ts';
import { addressProofSchema, addressText } from './relay-messages.ts';
import type { ProbeResult } from './relay-register.ts';

/** A relay that has not answered by then has failed the probe. */
export const PROBE_TIMEOUT_MS = 1_000;
/** What a relay must have by now: it may lag by this much. */
export const LAG_MAX_MS = 1_500;
/** … and what it must have still. */
const ASKED_AGE_MAX_MS = 10_000;
const PROOF_LENGTH_MAX = 1_000;

export interface ProbeTarget {
  readonly relayKey: string;
  readonly publicUrl: string;
  /** The address is not proved to be its own yet. */
  readonly isNew: boolean;
}

export interface ProbeContext {
  readonly mounts: readonly LiveMount[];
  readonly random: RandomSource;
  /** Of this relay's probes. */
  readonly deck: ProbeDeck;
  readonly now: () => UnixMillis;
  /** Monotonic, ms. */
  readonly clock: () => number;
  readonly fetch: typeof globalThis.fetch;
}

/**
 * Asks a public relay, as any listener would, for one chunk that it should have by now, of a mount and stripe that it
 * cannot foresee, and compares every byte with our own. At first it also proves that the address is its own.
 */
export async function probeRelay(target: ProbeTarget, context: ProbeContext): Promise<ProbeResult> {
  try {
    if (target.isNew) await proveAddress(target, context);
    const asked = chooseChunk(context);
    const startedAt = context.clock();
    if (asked !== null) await compareChunk(target, asked, context);
    // Between programs, or with nothing to ask for yet, it is enough that it answers.
    else await request(`${target.publicUrl}/healthz`, PROOF_LENGTH_MAX * 10, context, ANY_STATUS);
    return { ok: true, latencyMs: context.clock() - startedAt };
  } catch (error) {
    const fault = error instanceof RelayFault ? error.fault : 'late';
    return { ok: false, fault, reason: errorText(error) };
  }
}

/** What no honest relay does. */
class RelayFault extends Error {
  readonly fault: 'wrong' | 'forged';
  constructor(fault: 'wrong' | 'forged', message: string) {
    super(message);
    this.name = 'RelayFault';
    this.fault = fault;
  }
}

async function proveAddress({ relayKey, publicUrl }: ProbeTarget, context: ProbeContext): Promise<void> {
  const nonce = randomBytes(24).toString('base64url');
  const body = await request(`${publicUrl}/api/relay?nonce=${nonce}`, PROOF_LENGTH_MAX, context, [200]);
  const proof = addressProofSchema.safeParse(parseJson(body));
  const signature = proof.success ? Buffer.from(proof.data.signature, 'base64url') : new Uint8Array(0);
  const isProved =
    proof.success &&
    proof.data.relayKey === relayKey &&
    isSignedBy(relayKey, addressText(nonce, publicUrl), signature);
  if (!isProved) throw new RelayFault('wrong', `at ${publicUrl} there is another relay, or none`);
}

async function compareChunk({ publicUrl }: ProbeTarget, asked: Asked, context: ProbeContext): Promise<void> {
  const { epoch, sequence } = asked.chunk.header;
  const address = `${publicUrl}/api/mounts/${asked.mount.id}/chunks/${epoch}/${sequence}`;
  const wire = await request(address, CHUNK_LENGTH_MAX, context, [200, 404, 410]);
  if (wire.status === 404) throw new Error(`it is more than ${LAG_MAX_MS} ms behind on ${asked.mount.path}`);
  if (wire.status === 410)
    throw new RelayFault('wrong', `it lacks a chunk of ${asked.mount.path} that it should have`);
  if (!Buffer.from(asked.chunk.wire).equals(wire.body))
    throw new RelayFault('forged', `it sent a chunk of ${asked.mount.path} that is not the station's`);
}

interface Asked {
  readonly mount: LiveMount;
  readonly chunk: Chunk;
}

function chooseChunk({ mounts, random, deck, now }: ProbeContext): Asked | null {
  const time = now();
  const candidates = mounts.flatMap((mount) =>
    mount.window
      .burst(ASKED_AGE_MAX_MS)
      .filter(({ header }) => {
        const ageMs = time - header.packagedAt;
        return ageMs >= LAG_MAX_MS && ageMs <= ASKED_AGE_MAX_MS;
      })
      .map((chunk) => ({ mount, chunk, kind: `${mount.id}/${chunkStripe(chunk)}` })),
  );
  const dealt = deck.deal([...new Set(candidates.map(({ kind }) => kind))]);
  const ofKind = candidates.filter(({ kind }) => kind === dealt);
  return ofKind[Math.floor(random() * ofKind.length)] ?? null;
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

const ANY_STATUS: readonly number[] = [];

/** @throws Error if there is no answer in time, or one that is too long or of another status. */
async function request(
  address: string,
  lengthMax: number,
  { fetch }: ProbeContext,
  statuses: readonly number[],
): Promise<Answer> {
  const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
  let response: Response;
  try {
    response = await fetch(address, { signal, redirect: 'error' });
  } catch {
    // Which of many reasons it is would tell a stranger about our own network.
    throw new Error(`it does not answer within ${PROBE_TIMEOUT_MS} ms`);
  }
  if (statuses.length > 0 && !statuses.includes(response.status)) {
    await response.body?.cancel();
    throw new Error(`it answers with status ${response.status}`);
  }
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of response.body ?? []) {
      length += part.length;
      if (length > lengthMax) throw new RangeError();
      parts.push(part);
    }
  } catch (error) {
    throw new Error(
      error instanceof RangeError ? 'its answer is too long' : 'its answer does not come to an end',
      { cause: error },
    );
  }
  return { status: response.status, body: Buffer.concat(parts) };
}

function parseJson({ body }: Answer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}

/**
 * A relay's word must not make us knock at doors inside our own network: an address there is only for relays that
 * come from there. Null: it may be probed, else why not.
 */
export async function whyNotReachable(publicUrl: string, relayAddress: string): Promise<string | null> {
  if (isInside(relayAddress)) return null;
  const { hostname } = new URL(publicUrl);
  const host = hostname.replace(/^\[|\]$/g, '');
  try {
    const addresses =
      isIP(host) > 0 ? [host] : (await lookup(host, { all: true })).map(({ address }) => address);
    if (!addresses.some(isInside)) return null;
  } catch {
    return `${hostname} has no address in the DNS`;
  }
  return `${hostname} is an address that listeners elsewhere cannot reach`;
}

const INSIDE = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  INSIDE.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  INSIDE.addSubnet(network, prefix, 'ipv6');

const isInside = (address: string): boolean =>
  isIP(address) > 0 && INSIDE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
