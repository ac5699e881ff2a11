/**
 * Bytes of base64url text without padding (RFC 4648, section 5).
 * @throws RangeError if the text is not base64url of `length` bytes.
 */
export function decodeBase64Url(text: string, length: number): Uint8Array<ArrayBuffer> {
  const expected = Math.ceil((length * 4) / 3);
  if (text.length !== expected || !/^[A-Za-z0-9_-]*$/.test(text)) {
    throw new RangeError(`Cannot read base64url as ${length} bytes: current value is ${text}`);
  }
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
