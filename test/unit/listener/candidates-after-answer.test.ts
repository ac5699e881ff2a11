import { describe, expect, test } from 'vitest';
import type { PeerSignal } from '../../../client/listener/environment.ts';
import { candidatesAfterAnswer } from '../../../server/listener/candidates-after-answer.ts';
import { fakePeers } from '../../support/fake-peers.ts';

const candidate = (text: string): PeerSignal => ({
  type: 'candidate',
  candidate: { candidate: text, sdpMid: '0', sdpMLineIndex: 0 },
});

function setUp(initiator: boolean) {
  const { create, made } = fakePeers();
  const signals: PeerSignal[] = [];
  const peer = candidatesAfterAnswer(create)(
    { initiator, iceServers: [] },
    {
      onSignal: (signal) => signals.push(signal),
      onConnect: () => undefined,
      onData: () => undefined,
      onClose: () => undefined,
    },
  );
  const say = (signal: PeerSignal): void => made[0]?.handlers.onSignal(signal);
  return { peer, say, signals };
}

describe('a Node initiator', () => {
  test('tells no candidate before it has the answer, and all of them then, in order', () => {
    const { peer, say, signals } = setUp(true);
    say({
      type: 'offer',
      sdp: 'v=0\r\na=mid:0\r\na=candidate:1 1 UDP 9 10.0.0.1 9 typ host\r\na=end-of-candidates\r\n',
    });
    say(candidate('one'));
    say(candidate('two'));
    expect(signals).toEqual([{ type: 'offer', sdp: 'v=0\r\na=mid:0\r\n' }]);
    peer.signal(candidate('theirs'));
    expect(signals).toHaveLength(1);
    peer.signal({ type: 'answer', sdp: 'x' });
    say(candidate('three'));
    expect(signals.slice(1)).toEqual([candidate('one'), candidate('two'), candidate('three')]);
  });

  test('as the answering end holds nothing back', () => {
    const { say, signals } = setUp(false);
    const answer: PeerSignal = {
      type: 'answer',
      sdp: 'v=0\r\na=candidate:1 1 UDP 9 10.0.0.1 9 typ host\r\n',
    };
    say(candidate('one'));
    say(answer);
    expect(signals).toEqual([candidate('one'), answer]);
  });
});
