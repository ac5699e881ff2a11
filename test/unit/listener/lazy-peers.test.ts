import { describe, expect, test } from 'vitest';
import { lazyPeers } from '../../../client/listener/lazy-peers.ts';
import type { CreatePeer, PeerSignal } from '../../../client/listener/environment.ts';
import { settled } from '../../support/fake-clock.ts';
import { fakePeers } from '../../support/fake-peers.ts';

const options = { initiator: false, iceServers: [] };
const offer: PeerSignal = { type: 'offer', sdp: 'x' };

function setUp(load: (create: CreatePeer) => Promise<CreatePeer>) {
  const { create, made } = fakePeers();
  let loads = 0;
  const events: string[] = [];
  const lazy = lazyPeers(() => {
    loads += 1;
    return load(create);
  });
  const open = () =>
    lazy(options, {
      onSignal: (signal) => events.push(signal.type),
      onConnect: () => events.push('connect'),
      onData: () => events.push('data'),
      onClose: (reason) => events.push(`close ${reason}`),
    });
  return { open, made, events, loads: () => loads };
}

describe('links whose code is not loaded yet', () => {
  test('keep the signals that come before, in order', async () => {
    const { open, made, events } = setUp((create) => Promise.resolve(create));
    const peer = open();
    peer.signal(offer);
    expect([made.length, peer.bufferedAmount()]).toEqual([0, 0]);
    await settled();
    expect(made[0]?.signals).toEqual([offer]);
    expect(events).toEqual(['answer', 'connect']);
    peer.send(Uint8Array.of(1));
    expect(made[0]?.sent).toHaveLength(1);
  });

  test('are never made when they were destroyed meanwhile', async () => {
    const { open, made, events } = setUp((create) => Promise.resolve(create));
    open().destroy();
    await settled();
    expect([made.length, events]).toEqual([0, []]);
  });

  test('close when the code cannot be loaded, and the next link tries again', async () => {
    let fail = true;
    const { open, made, events, loads } = setUp((create) =>
      fail ? Promise.reject(new Error('offline')) : Promise.resolve(create),
    );
    open();
    await settled();
    expect(events).toEqual(['close code not loaded: offline']);
    fail = false;
    open();
    await settled();
    open();
    expect([made.length, loads()]).toEqual([2, 2]);
  });
});
