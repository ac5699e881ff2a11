/**
 * SHA-512 (FIPS 180-4), for Ed25519 where the page has no WebCrypto: an insecure context. Each 64-bit word is two
 * unsigned 32-bit halves, as BigInt arithmetic is some ten times slower.
 */
export function sha512(message: Uint8Array): Uint8Array {
  const padded = pad(message);
  const view = new DataView(padded.buffer);
  const high = Uint32Array.from(INITIAL_HIGH);
  const low = Uint32Array.from(INITIAL_LOW);
  const scheduleHigh = new Uint32Array(ROUNDS);
  const scheduleLow = new Uint32Array(ROUNDS);
  for (let block = 0; block < padded.length; block += BLOCK_LENGTH) {
    expand(view, block, scheduleHigh, scheduleLow);
    compress(high, low, scheduleHigh, scheduleLow);
  }
  const digest = new Uint8Array(64);
  const out = new DataView(digest.buffer);
  for (let word = 0; word < 8; word += 1) {
    out.setUint32(word * 8, at(high, word));
    out.setUint32(word * 8 + 4, at(low, word));
  }
  return digest;
}

const ROUNDS = 80;
const BLOCK_LENGTH = 128;
/** The 128-bit length field. */
const LENGTH_FIELD = 16;
const TWO_32 = 0x1_0000_0000;

// The first 64 bits of the fractional parts of the square roots (initial) and cube roots (rounds) of the first primes:
// computed exactly instead of copied.
const PRIMES = firstPrimes(ROUNDS);
const INITIAL = PRIMES.slice(0, 8).map((prime) => fractionOfRoot(prime, 2n));
const CONSTANTS = PRIMES.map((prime) => fractionOfRoot(prime, 3n));
const INITIAL_HIGH = INITIAL.map((word) => Number(word >> 32n));
const INITIAL_LOW = INITIAL.map((word) => Number(word & 0xffff_ffffn));
const ROUND_HIGH = Uint32Array.from(CONSTANTS, (word) => Number(word >> 32n));
const ROUND_LOW = Uint32Array.from(CONSTANTS, (word) => Number(word & 0xffff_ffffn));

function pad(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const blocks = Math.ceil((message.length + 1 + LENGTH_FIELD) / BLOCK_LENGTH);
  const padded = new Uint8Array(blocks * BLOCK_LENGTH);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor((message.length * 8) / TWO_32));
  view.setUint32(padded.length - 4, (message.length * 8) % TWO_32);
  return padded;
}

function expand(view: DataView, block: number, high: Uint32Array, low: Uint32Array): void {
  for (let t = 0; t < 16; t += 1) {
    high[t] = view.getUint32(block + t * 8);
    low[t] = view.getUint32(block + t * 8 + 4);
  }
  for (let t = 16; t < ROUNDS; t += 1) {
    const h15 = at(high, t - 15);
    const l15 = at(low, t - 15);
    const h2 = at(high, t - 2);
    const l2 = at(low, t - 2);
    const s0h = rotate(h15, l15, 1) ^ rotate(h15, l15, 8) ^ (h15 >>> 7);
    const s0l = rotate(l15, h15, 1) ^ rotate(l15, h15, 8) ^ ((l15 >>> 7) | (h15 << 25));
    const s1h = rotate(h2, l2, 19) ^ rotate(l2, h2, 29) ^ (h2 >>> 6);
    const s1l = rotate(l2, h2, 19) ^ rotate(h2, l2, 29) ^ ((l2 >>> 6) | (h2 << 26));
    const sum = at(low, t - 16) + (s0l >>> 0) + at(low, t - 7) + (s1l >>> 0);
    low[t] = sum;
    high[t] = at(high, t - 16) + s0h + at(high, t - 7) + s1h + carry(sum);
  }
}

function compress(high: Uint32Array, low: Uint32Array, wordsHigh: Uint32Array, wordsLow: Uint32Array): void {
  let [ah, bh, ch, dh, eh, fh, gh, hh] = words(high);
  let [al, bl, cl, dl, el, fl, gl, hl] = words(low);
  for (let t = 0; t < ROUNDS; t += 1) {
    const s1h = rotate(eh, el, 14) ^ rotate(eh, el, 18) ^ rotate(el, eh, 9);
    const s1l = rotate(el, eh, 14) ^ rotate(el, eh, 18) ^ rotate(eh, el, 9);
    const chooseH = (eh & fh) ^ (~eh & gh);
    const chooseL = (el & fl) ^ (~el & gl);
    const sum1 = hl + (s1l >>> 0) + (chooseL >>> 0) + at(ROUND_LOW, t) + at(wordsLow, t);
    const t1l = sum1 >>> 0;
    const t1h = (hh + s1h + chooseH + at(ROUND_HIGH, t) + at(wordsHigh, t) + carry(sum1)) >>> 0;

    const s0h = rotate(ah, al, 28) ^ rotate(al, ah, 2) ^ rotate(al, ah, 7);
    const s0l = rotate(al, ah, 28) ^ rotate(ah, al, 2) ^ rotate(ah, al, 7);
    const majorityH = (ah & bh) ^ (ah & ch) ^ (bh & ch);
    const majorityL = (al & bl) ^ (al & cl) ^ (bl & cl);
    const sum2 = t1l + (s0l >>> 0) + (majorityL >>> 0);

    [hh, hl, gh, gl, fh, fl] = [gh, gl, fh, fl, eh, el];
    const sumE = dl + t1l;
    [eh, el] = [(dh + t1h + carry(sumE)) >>> 0, sumE >>> 0];
    [dh, dl, ch, cl, bh, bl] = [ch, cl, bh, bl, ah, al];
    [ah, al] = [(t1h + s0h + majorityH + carry(sum2)) >>> 0, sum2 >>> 0];
  }
  addInto(high, low, [ah, bh, ch, dh, eh, fh, gh, hh], [al, bl, cl, dl, el, fl, gl, hl]);
}

type Words = [number, number, number, number, number, number, number, number];

const words = (from: Uint32Array): Words => [
  at(from, 0),
  at(from, 1),
  at(from, 2),
  at(from, 3),
  at(from, 4),
  at(from, 5),
  at(from, 6),
  at(from, 7),
];

function addInto(high: Uint32Array, low: Uint32Array, addHigh: Words, addLow: Words): void {
  for (let word = 0; word < 8; word += 1) {
    const sum = at(low, word) + (addLow[word] ?? 0);
    low[word] = sum;
    high[word] = at(high, word) + (addHigh[word] ?? 0) + carry(sum);
  }
}

/** One half of a 64-bit word rotated right by fewer than 32 bits: `near` is the half wanted. */
const rotate = (near: number, far: number, bits: number): number => (near >>> bits) | (far << (32 - bits));

const carry = (sum: number): number => Math.floor(sum / TWO_32);

const at = (array: Uint32Array, index: number): number => array[index] ?? 0;

function firstPrimes(count: number): bigint[] {
  const primes: bigint[] = [];
  for (let candidate = 2n; primes.length < count; candidate += 1n) {
    if (primes.every((prime) => candidate % prime !== 0n)) primes.push(candidate);
  }
  return primes;
}

/** 64 bits after the point of the `degree`-th root of `value`. */
function fractionOfRoot(value: bigint, degree: bigint): bigint {
  const scaled = value << (64n * degree);
  let low = 0n;
  let high = value << 64n;
  while (low < high) {
    const middle = (low + high + 1n) >> 1n;
    if (middle ** degree <= scaled) low = middle;
    else high = middle - 1n;
  }
  return low & 0xffff_ffff_ffff_ffffn;
}
