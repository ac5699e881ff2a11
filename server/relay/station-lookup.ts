import { z } from 'zod';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import type { StationDescription } from '../../shared/station/description.ts';
import { errorCode, errorText } from '../error.ts';
import { decodePublicKey } from '../signing-key.ts';
import { mountIdOf } from '../station/mount-id.ts';
import type { StationAddress } from './station-address.ts';

export type LookUp =
  | { readonly type: 'found'; readonly station: StationDescription }
  /** It may well be there later. */
  | { readonly type: 'away'; readonly detail: string }
  /** Something answers, and it is no station of ours. */
  | { readonly type: 'wrong'; readonly detail: string };

const TIMEOUT_MS = 8_000;
/** A description of 64 mounts is about 30 KB. */
const LENGTH_MAX = 1_000_000;
const stationsSchema = z.object({ stations: z.array(stationDescriptionSchema).min(1) });

/** Asks the station's server what there is. Never throws. */
export async function lookUpStation(address: StationAddress, signal?: AbortSignal): Promise<LookUp> {
  const { server, id } = address;
  const url = id === null ? `${server}/api/stations` : `${server}/api/stations/${id}`;
  let response: Response;
  let text: string;
  try {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    response = await fetch(url, {
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    text = await textOf(response);
  } catch (error) {
    return { type: 'away', detail: failureText(error, server) };
  }
  if (response.status >= 500 || response.status === 429)
    return { type: 'away', detail: `${server} answers with status ${response.status}` };
  if (response.status === 404 && id !== null && text.includes('"error"'))
    return { type: 'wrong', detail: `there is no station "${id}" at ${server}` };
  const station = response.ok ? parse(text, id) : null;
  if (station === null)
    return {
      type: 'wrong',
      detail: `${server} answers, but it is no Essaim server (${url}: status ${response.status})`,
    };
  const strange = foreignMount(station);
  if (strange !== null)
    return { type: 'wrong', detail: `the id of its mount ${strange} does not belong to its key` };
  return { type: 'found', station };
}

function parse(text: string, id: string | null): StationDescription | null {
  try {
    const value: unknown = JSON.parse(text);
    return id === null
      ? (stationsSchema.parse(value).stations[0] ?? null)
      : stationDescriptionSchema.parse(value);
  } catch {
    return null;
  }
}

/** The path of a mount whose id is not made of the station's key and its path; null if all are. */
function foreignMount({ publicKey, mounts }: StationDescription): string | null {
  const key = decodePublicKey(publicKey);
  return mounts.find(({ id, path }) => id !== mountIdOf(key, path))?.path ?? null;
}

async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.byteLength;
    if (length > LENGTH_MAX) throw new Error(`it answers with more than ${LENGTH_MAX} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** What a person can check. */
function failureText(error: unknown, server: string): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const { host, hostname } = new URL(server);
  const reasons = new Map([
    ['ENOTFOUND', `no host is called ${hostname}: is it spelled right, and is this machine online?`],
    ['EAI_AGAIN', `the name ${hostname} cannot be looked up: is this machine online?`],
    ['ECONNREFUSED', `nothing answers at ${host}: is its server running, and is the port right?`],
    ['ENETUNREACH', 'this machine has no network'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', `${host} does not speak https: is it http://${host}?`],
  ]);
  return reasons.get(errorCode(cause) ?? '') ?? `${host}: ${errorText(cause)}`;
}
