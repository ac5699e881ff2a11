import type { EssaimStatus } from '../public/widget.d.ts';
import type { Strings } from '../strings/strings.ts';

export interface StatusWords {
  readonly text: string;
  /** Usual: everything is as it should be. Otherwise it is what the person has to read. */
  readonly isUsual: boolean;
}

const USUAL: ReadonlySet<EssaimStatus> = new Set(['loading', 'idle', 'connecting', 'playing', 'paused']);

export function statusWords(status: EssaimStatus, { status: common, widget }: Strings): StatusWords {
  const texts: Readonly<Record<EssaimStatus, string>> = { ...common, ...widget, loading: common.connecting };
  return { text: texts[status], isUsual: USUAL.has(status) };
}
