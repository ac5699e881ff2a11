import { createHmac } from 'node:crypto';
import type { TurnConfig } from '../config/config.ts';
import type { IceServer } from '../../shared/station/description.ts';
import type { UnixMillis } from '../../shared/units.ts';

export interface IceServerOptions {
  /** UDP port of our own STUN server; null: none runs. */
  readonly stunPort: number | null;
  /** Where UDP reaches us, if that is not where HTTP does (a reverse proxy elsewhere). */
  readonly announcedAddress: string | null;
  readonly turn: readonly TurnConfig[];
}

/** What a listener connecting now is told; TURN credentials run out by themselves. */
export function iceServers(
  options: IceServerOptions,
  publicUrl: string,
  now: UnixMillis,
): readonly IceServer[] {
  const stun = options.stunPort === null ? [] : [{ urls: stunUrl(options, publicUrl, options.stunPort) }];
  return [...stun, ...options.turn.map((server) => turnServer(server, now))];
}

/** Who stays must be told of TURN servers this often; null: there are none. */
export const credentialsRenewalMs = (turn: readonly TurnConfig[]): number | null =>
  turn.length === 0
    ? null
    : Math.min(...turn.map(({ credentialLifetimeSeconds }) => credentialLifetimeSeconds)) * 500;

function stunUrl(options: IceServerOptions, publicUrl: string, port: number): string {
  const announced = options.announcedAddress;
  const host = announced === null ? new URL(publicUrl).hostname : bracketed(announced);
  return `stun:${host}:${port}`;
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/**
 * The TURN REST convention (draft-uberti-behave-turn-rest-00, as coturn's `use-auth-secret`): the user name is the
 * Unix time at which it runs out, the password its HMAC-SHA1 under the shared secret, in base64.
 */
function turnServer(server: TurnConfig, now: UnixMillis): IceServer {
  const username = `${Math.floor(now / 1000) + server.credentialLifetimeSeconds}:listener`;
  const credential = createHmac('sha1', server.secret).update(username).digest('base64');
  return { urls: [...server.urls], username, credential };
}
