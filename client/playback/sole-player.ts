/**
 * Of all tabs of one origin, one plays a station: a second one would download it once more, half a second apart. The
 * browser's own locks say who it is; they end with their tab, however it ends. Where there are none (without https)
 * each tab plays for itself. Tabs of different sites cannot know of each other, nor can frames on different sites:
 * browsers keep them apart on purpose.
 */
export interface SoundClaim {
  release(): void;
}

/**
 * The right to play, or null if another tab has it.
 * @param wish `take`: take it from the other tab.
 * @param onTaken another tab has taken it from us.
 */
export function claimSound(
  station: string,
  wish: 'ask' | 'take',
  onTaken: () => void,
): Promise<SoundClaim | null> {
  const locks = lockManager();
  if (locks === null) return Promise.resolve({ release: () => undefined });
  return new Promise((resolve) => {
    let isOurs = false;
    locks
      .request(lockName(station), wish === 'take' ? { steal: true } : { ifAvailable: true }, (lock) => {
        if (lock === null) return resolve(null);
        isOurs = true;
        return new Promise<void>((release) => resolve({ release: () => release() }));
      })
      .catch(() => {
        if (isOurs) return onTaken();
        // The browser has no locks for us, as in a sandboxed frame.
        return resolve({ release: () => undefined });
      });
  });
}

/**
 * The right to play on the station's own page, which any number of its tabs has: there the swarm is to be seen. A widget
 * of the same origin that plays is stopped, and offers to take over.
 * @param onTaken a widget has taken over.
 */
export async function claimSoundForPage(station: string, onTaken: () => void): Promise<SoundClaim> {
  const locks = lockManager();
  if (locks === null) return { release: () => undefined };
  const name = lockName(station);
  const ending = new AbortController();
  const { signal } = ending;
  const ended = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve());
  });
  const { held = [] } = await locks.query();
  const isAPages = held.some((lock) => lock.name === pagesName(station));
  const isWidgets = !isAPages && held.some((lock) => lock.name === name && lock.mode === 'exclusive');
  const wish = isWidgets ? { steal: true } : { mode: 'shared' as const, signal };
  for (const [wanted, options] of [
    [pagesName(station), { mode: 'shared' as const }],
    [name, wish],
  ] as const)
    locks
      .request(wanted, options, () => ended)
      .catch(() => {
        if (!signal.aborted) onTaken();
      });
  return { release: () => ending.abort() };
}

/** Calls `onFree` once no tab plays the station, unless it is aborted before. */
export function whenSoundIsFree(station: string, signal: AbortSignal, onFree: () => void): void {
  lockManager()
    ?.request(lockName(station), { signal }, () => onFree())
    .catch(() => {
      // Aborted: nobody wants to know any more.
    });
}

const lockName = (station: string): string => `essaim ${station}`;

/** Pages are told from widgets by it. */
const pagesName = (station: string): string => `essaim pages ${station}`;

/** Missing in an insecure context, whatever the types say. */
const lockManager = (): LockManager | null => ('locks' in navigator ? navigator.locks : null);
