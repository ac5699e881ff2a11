/** Six-byte unsigned integers, big-endian: Unix milliseconds and microseconds fit, and so does every value in a double. */
export const UINT48_MAX = 281_474_976_710_655;

const HIGH_UNIT = 4_294_967_296;

export function readUint48(view: DataView, offset: number): number {
  return view.getUint16(offset) * HIGH_UNIT + view.getUint32(offset + 2);
}

/** `value` must be an integer from 0 to UINT48_MAX: the caller has checked. */
export function writeUint48(view: DataView, offset: number, value: number): void {
  view.setUint16(offset, Math.floor(value / HIGH_UNIT));
  view.setUint32(offset + 2, value % HIGH_UNIT);
}
