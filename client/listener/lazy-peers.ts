import type { CreatePeer, Peer, PeerSignal } from './environment.ts';

/**
 * Links whose code is loaded for the first of them: sound starts without it, and a listener alone never needs it.
 * Signals that come before are kept; code that cannot be loaded closes the link, and the next link tries again.
 */
export function lazyPeers(load: () => Promise<CreatePeer>): CreatePeer {
  let create: CreatePeer | null = null;
  const loaded = async (): Promise<CreatePeer> => (create ??= await load());
  return (options, handlers) => {
    if (create !== null) return create(options, handlers);
    let state: PeerState = { phase: 'loading', signals: [] };
    const open = async (): Promise<void> => {
      let made: CreatePeer;
      try {
        made = await loaded();
      } catch (error) {
        if (state.phase !== 'loading') return;
        state = { phase: 'closed' };
        handlers.onClose(`code not loaded: ${error instanceof Error ? error.message : String(error)}`);
        return;
      }
      if (state.phase !== 'loading') return;
      const { signals } = state;
      const peer = made(options, handlers);
      state = { phase: 'ready', peer };
      for (const signal of signals) peer.signal(signal);
    };
    void open();
    return {
      signal: (signal) => {
        if (state.phase === 'ready') state.peer.signal(signal);
        else if (state.phase === 'loading' && state.signals.length < SIGNALS_MAX) state.signals.push(signal);
      },
      send: (data) => {
        if (state.phase === 'ready') state.peer.send(data);
      },
      bufferedAmount: () => (state.phase === 'ready' ? state.peer.bufferedAmount() : 0),
      destroy: () => {
        if (state.phase === 'ready') state.peer.destroy();
        state = { phase: 'closed' };
      },
    };
  };
}

type PeerState =
  | { readonly phase: 'loading'; readonly signals: PeerSignal[] }
  | { readonly phase: 'ready'; readonly peer: Peer }
  | { readonly phase: 'closed' };

/** An offer and its candidates. */
const SIGNALS_MAX = 64;
