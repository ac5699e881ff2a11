import { icon } from '../design/icons.ts';
import type { Strings } from '../strings/strings.ts';
import { make } from './element.ts';

export interface Volume {
  /** 0 to 1. */
  readonly level: number;
  readonly isMuted: boolean;
}

/** A mute button and a slider. Moving the slider unmutes. */
export class VolumeControl {
  readonly element = make('div', { class: 'es-volume', part: 'volume' });
  readonly slider = make('input', {
    class: 'es-range',
    attributes: { type: 'range', min: '0', max: '1', step: '0.02' },
  });
  readonly muteButton = make('button', {
    class: 'es-quiet-button es-quiet-button--icon',
    attributes: { type: 'button' },
  });
  #strings: Strings;
  #volume: Volume = { level: 1, isMuted: false };

  constructor(strings: Strings, onChange: (volume: Volume) => void) {
    this.#strings = strings;
    this.element.append(this.muteButton, this.slider);
    const change = (volume: Volume): void => {
      this.show(volume);
      onChange(volume);
    };
    this.slider.addEventListener('input', () => change({ level: this.slider.valueAsNumber, isMuted: false }));
    this.muteButton.addEventListener('click', () =>
      // Unmuting what was drawn down to nothing must be heard.
      change(
        this.#volume.isMuted || this.#volume.level === 0
          ? { level: this.#volume.level || LEVEL_AFTER_NOTHING, isMuted: false }
          : { level: this.#volume.level, isMuted: true },
      ),
    );
    this.show(this.#volume);
  }

  show(volume: Volume): void {
    this.#volume = volume;
    const isSilent = volume.isMuted || volume.level === 0;
    this.slider.valueAsNumber = volume.level;
    this.slider.style.setProperty('--filled', `${(volume.isMuted ? 0 : volume.level) * 100}%`);
    this.slider.setAttribute('aria-label', this.#strings.player.volume);
    this.muteButton.replaceChildren(icon(isSilent ? 'muted' : 'volume'));
    this.muteButton.setAttribute(
      'aria-label',
      isSilent ? this.#strings.player.unmute : this.#strings.player.mute,
    );
  }

  setStrings(strings: Strings): void {
    this.#strings = strings;
    this.show(this.#volume);
  }
}

const LEVEL_AFTER_NOTHING = 0.5;
