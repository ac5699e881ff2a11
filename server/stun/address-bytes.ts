import { isIPv4, isIPv6 } from 'node:net';

/**
 * An IP address in network order: 4 or 16 bytes.
 * @throws RangeError if `text` is not an address.
 */
export function addressBytes(text: string): Buffer {
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number));
  if (!isIPv6(text))
    throw new RangeError(`Cannot read an IP address as 4 or 16 bytes: current value is ${text}`);
  // The URL parser writes out a dotted tail and shortens the rest, always in the same way.
  const canonical = new URL(`http://[${text.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0);
  const data = Buffer.alloc(16);
  for (const [index, group] of [...left, ...zeros, ...right].entries()) data.writeUInt16BE(group, index * 2);
  return data;
}

const groups = (text: string): readonly number[] =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
