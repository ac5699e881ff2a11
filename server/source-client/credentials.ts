import { createHash, timingSafeEqual } from 'node:crypto';
import type { Login } from '../config/config.ts';

/** Longest `Authorization` that is looked at. */
const HEADER_LENGTH_MAX = 2048;

/**
 * Reads HTTP Basic credentials (RFC 7617). Null: there are none, or they cannot be read. Old clients send Latin-1, new
 * ones UTF-8, so both readings of the password are returned where they differ.
 */
export function readBasic(authorization: string | undefined): readonly Login[] | null {
  if (authorization === undefined || authorization.length > HEADER_LENGTH_MAX) return null;
  const token = /^basic +([A-Za-z0-9+/_=-]+)\s*$/i.exec(authorization)?.[1];
  if (token === undefined) return null;
  const bytes = Buffer.from(token, 'base64');
  const readings = new Set([bytes.toString('utf8'), bytes.toString('latin1')]);
  const logins = Array.from(readings, (text) => {
    const colon = text.indexOf(':');
    return colon === -1 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) };
  });
  return logins.every((login) => login !== null) ? logins : null;
}

/** Shoutcast's clients send a bare password, or, as newer ones write it, a user and a password. */
export function shoutcastLogins(text: string): readonly Partial<Login>[] {
  const colon = text.indexOf(':');
  const withUser = { user: text.slice(0, colon), password: text.slice(colon + 1) };
  return [{ password: text }, ...(colon > 0 ? [withUser] : [])];
}

/** In a time that tells nothing about how much of it is right. */
export function isSameLogin(given: Login, expected: Login): boolean {
  const sameUser = isSame(given.user, expected.user);
  const samePassword = isSame(given.password, expected.password);
  return sameUser && samePassword;
}

const isSame = (left: string, right: string): boolean => timingSafeEqual(digest(left), digest(right));

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
