import type { TrackTitle } from './track-title.ts';

export interface MediaKeys {
  readonly play: () => void;
  readonly pause: () => void;
  readonly stop: () => void;
}

/** The system's player (lock screen, media keys, headphones) works ours. */
export function bindMediaKeys(keys: MediaKeys): void {
  if (!('mediaSession' in navigator)) return;
  setHandler('play', keys.play);
  setHandler('pause', keys.pause);
  setHandler('stop', keys.stop);
}

/** @param picture address of the track's artwork; empty: it has none. */
export function showInMediaSession(station: string, track: TrackTitle, picture = ''): void {
  if (!('mediaSession' in navigator)) return;
  const { title, artist } = track;
  navigator.mediaSession.metadata = new MediaMetadata({
    ...(title === '' ? { title: station, artist } : { title, artist: artist || station, album: station }),
    artwork: picture === '' ? [] : [{ src: picture }],
  });
}

export function showPlaybackState(state: MediaSessionPlaybackState): void {
  if ('mediaSession' in navigator) navigator.mediaSession.playbackState = state;
}

function setHandler(action: MediaSessionAction, handler: () => void): void {
  try {
    navigator.mediaSession.setActionHandler(action, handler);
  } catch {
    // An action that this browser does not know is one key less.
  }
}
