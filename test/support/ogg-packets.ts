/** The packets of an Ogg file of one stream, in order (RFC 3533). A test's own reader, apart from the product's. */
export function oggPackets(file: Uint8Array): readonly Uint8Array[] {
  const packets: Uint8Array[] = [];
  let parts: Uint8Array[] = [];
  let offset = 0;
  while (offset + 27 <= file.length) {
    const segmentCount = file[offset + 26] ?? 0;
    let position = offset + 27 + segmentCount;
    for (let index = 0; index < segmentCount; index++) {
      const length = file[offset + 27 + index] ?? 0;
      parts.push(file.subarray(position, position + length));
      position += length;
      if (length === 255) continue;
      packets.push(new Uint8Array(Buffer.concat(parts)));
      parts = [];
    }
    offset = position;
  }
  return packets;
}
