import { createHash, createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signaturePart, signedPart } from '../../../shared/chunk/chunk.ts';
import type { Chunk } from '../../../shared/chunk/chunk.ts';
import { mountDescriptionSchema } from '../../../shared/station/description.ts';
import { scriptedMount } from '../../support/made-chunks.ts';
import { MP3_CONFIG, mp3Frames, OPUS_CONFIG, opusFrame } from '../../support/made-frames.ts';

describe('station mount', () => {
  it('is named by its station’s key and its path', () => {
    const { mount, key } = scriptedMount();
    const expected = createHash('sha256')
      .update(key.publicKey)
      .update('/live.mp3')
      .digest('hex')
      .slice(0, 16);
    expect(mount.id).toBe(expected);
  });

  it('gives each chunk, signed, to all who listen, after the window holds it', () => {
    const { mount, key, play } = scriptedMount();
    const heard: Chunk[] = [];
    const stop = mount.onChunk((chunk) => {
      expect(mount.window.newest).toBe(chunk);
      heard.push(chunk);
    });
    play(mp3Frames(30));
    stop();
    play(mp3Frames(30));
    expect(heard).toHaveLength(3);
    const publicKey = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: key.publicKeyText },
      format: 'jwk',
    });
    for (const chunk of heard) {
      expect(verify(null, signedPart(chunk), publicKey, signaturePart(chunk))).toBe(true);
      expect(chunk.header.mountId).toBe(mount.id);
    }
  });

  it('measures its bit rate, and says a usual one until there is a second to measure', () => {
    const { mount, play } = scriptedMount(OPUS_CONFIG);
    expect(mount.bitrateKbps).toBe(128);
    play(Array.from({ length: 200 }, (_, index) => opusFrame(index, 237)));
    // 237 bytes and a record of 4 every 20 ms.
    expect(mount.bitrateKbps).toBe(96);
  });

  it('keeps its measure over a gap, and forgets it with the codec', () => {
    const { mount, play, gap } = scriptedMount(OPUS_CONFIG);
    play(Array.from({ length: 200 }, (_, index) => opusFrame(index, 237)));
    gap();
    expect(mount.bitrateKbps).toBe(96);
    mount.handle({ type: 'config', config: MP3_CONFIG });
    expect(mount.bitrateKbps).toBe(128);
  });

  it('describes itself as the schema asks, silent and playing', () => {
    const { mount, play } = scriptedMount(OPUS_CONFIG);
    expect(mount.description()).toMatchObject({ live: null, title: '', artist: '' });
    mount.handle({ type: 'title', title: 'Tide' });
    play(Array.from({ length: 60 }, (_, index) => opusFrame(index)));
    const description = mount.description();
    expect(mountDescriptionSchema.parse(description)).toEqual(description);
    expect(description).toMatchObject({ title: 'Tide', artist: '', live: { oldest: 0, newest: 3 } });
    expect(description.codec?.setup).toBe(Buffer.from(OPUS_CONFIG.setup ?? []).toString('base64'));
  });
});
