import type { CreatePeer, PeerSignal } from '../../client/listener/environment.ts';

/**
 * Lets an initiator tell its candidates only once it has the answer.
 *
 * Until then the other end cannot check connectivity, and must not: in libdatachannel (0.24) an offerer that was already
 * checked connects ICE and DTLS within the call that sets the answer, before it has stored the answer's fingerprint,
 * and then refuses the other end's certificate (about one link in four on loopback). Or it loses the other end's first
 * DTLS message, and the link opens a second late. The price is half a round trip to the tracker.
 */
export function candidatesAfterAnswer(createPeer: CreatePeer): CreatePeer {
  return (options, handlers) => {
    if (!options.initiator) return createPeer(options, handlers);
    let held: PeerSignal[] | null = [];
    const peer = createPeer(options, {
      ...handlers,
      onSignal: (signal) => {
        if (signal.type === 'candidate' && held !== null) {
          if (held.length < CANDIDATES_HELD_MAX) held.push(signal);
        } else handlers.onSignal(withoutCandidates(signal));
      },
    });
    return {
      ...peer,
      signal: (signal) => {
        peer.signal(signal);
        if (signal.type !== 'answer' || held === null) return;
        const candidates = held;
        held = null;
        // Node's classes set a description within the call.
        for (const candidate of candidates) handlers.onSignal(candidate);
      },
    };
  };
}

const CANDIDATES_HELD_MAX = 64;

/** Of an offer that was read late: with the candidates found so far, which come by themselves anyway. */
const withoutCandidates = (signal: PeerSignal): PeerSignal =>
  signal.type === 'offer' ? { ...signal, sdp: signal.sdp.replaceAll(CANDIDATE_LINES, '') } : signal;

const CANDIDATE_LINES = /^a=(?:candidate:.*|end-of-candidates)\r?\n/gm;
