import '../page/without-eval.ts';
import * as z from 'zod/mini';
import {
  elementPolicy,
  elementSnippet,
  frameAddress,
  framePolicy,
  frameSize,
  frameSnippet,
} from '../../shared/embed/snippet.ts';
import type { EmbedOptions, EmbedTarget, Theme } from '../../shared/embed/snippet.ts';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import type { StationDescription } from '../../shared/station/description.ts';
import { make } from '../player-controls/element.ts';
import { builderStrings } from '../strings/builder/builder-strings.ts';
import { chooseStrings, LANGUAGES } from '../strings/strings.ts';
import { choices, selection } from './choices.ts';

/** The page on which a partner puts a player together: what is chosen shows at once, with the code for it. */

const strings = chooseStrings(navigator.languages);
const words = builderStrings(strings.language);
const home = new URL('.', document.baseURI).href.replace(/\/$/, '');

interface Draft {
  readonly kind: 'element' | 'frame';
  readonly stationId: string;
  readonly options: EmbedOptions;
}

document.documentElement.lang = strings.language;
document.title = words.title;
void begin();

async function begin(): Promise<void> {
  const stations = await fetchStations();
  const [first] = stations;
  if (first === undefined) {
    document.body.append(make('p', { class: 'es-lead', text: strings.page.broken }));
    return;
  }
  run(stations, first);
}

function run(stations: readonly StationDescription[], first: StationDescription): void {
  let draft: Draft = { kind: 'element', stationId: first.id, options: {} };
  const stage = make('div', { class: 'stage' });
  const code = make('code');
  const policy = make('code');
  const policyPart = make(
    'div',
    {},
    make('p', { class: 'hint', text: words.policy }),
    make('pre', {}, policy),
  );
  const kindHint = make('p', { class: 'hint', attributes: { role: 'status' } });
  const change = (changes: Partial<Draft>): void => {
    draft = { ...draft, ...changes };
    const station = stations.find(({ id }) => id === draft.stationId) ?? first;
    const target: EmbedTarget = { publicUrl: home, station };
    const isElement = draft.kind === 'element';
    stage.replaceChildren(isElement ? elementFor(target, draft.options) : frameFor(target, draft.options));
    code.textContent = isElement
      ? elementSnippet(target, draft.options)
      : frameSnippet(target, draft.options);
    policy.textContent = isElement ? elementPolicy(home) : framePolicy(home);
    kindHint.textContent = words.kindHints[draft.kind];
  };
  const option = (options: EmbedOptions): void => change({ options: { ...draft.options, ...options } });

  const kinds = choices('kind', words.kind, words.kinds, ['element', 'frame'], (kind) => change({ kind }));
  kinds.append(kindHint);
  const themes: readonly Theme[] = ['auto', 'light', 'dark'];
  const form = make(
    'form',
    { class: 'options' },
    ...(stations.length < 2
      ? []
      : [
          selection(
            'station',
            words.station,
            stations.map(({ id, name }) => [id, name]),
            (stationId) => change({ stationId }),
          ),
        ]),
    kinds,
    choices('look', words.look, words.themes, themes, (theme) => option({ theme })),
    choices('size', words.size, words.sizes, ['full', 'compact'], (size) =>
      option({ compact: size === 'compact' }),
    ),
    choices('relay', words.relay, words.relays, ['ask', 'off'], (relay) => option({ relay })),
    selection(
      'language',
      words.language,
      [
        ['', words.languageAutomatic],
        ...LANGUAGES.map((each) => [each.language, each.languageName] as const),
      ],
      (language) => {
        const { language: _, ...others } = draft.options;
        change({ options: language === '' ? others : { ...others, language } });
      },
    ),
  );
  document.body.append(
    make(
      'main',
      {},
      make('h1', { class: 'heading', text: words.title }),
      make('p', { class: 'es-lead', text: words.lead }),
      make(
        'div',
        { class: 'builder' },
        form,
        make(
          'div',
          { class: 'result' },
          make('section', {}, make('h2', { text: words.preview }), stage),
          make(
            'section',
            { class: 'code' },
            make('div', { class: 'code-head' }, make('h2', { text: words.code }), copyButton(code)),
            make('pre', {}, code),
            make('p', { class: 'hint', text: words.key }),
            policyPart,
            make('p', { class: 'hint', text: words.link }),
          ),
        ),
      ),
    ),
  );
  change({});
}

function elementFor({ station }: EmbedTarget, options: EmbedOptions): HTMLElement {
  const element = document.createElement('essaim-player');
  element.station = station.id;
  element.key = station.publicKey;
  element.theme = options.theme ?? 'auto';
  element.compact = options.compact === true;
  if (options.language !== undefined) element.language = options.language;
  element.relay = options.relay ?? 'ask';
  return element;
}

function frameFor(target: EmbedTarget, options: EmbedOptions): HTMLElement {
  return make('iframe', {
    attributes: {
      src: frameAddress(target, options),
      title: target.station.name,
      height: String(frameSize(options).height),
      frameborder: '0',
    },
  });
}

function copyButton(code: HTMLElement): HTMLButtonElement {
  const button = make('button', { class: 'es-button', text: words.copy, attributes: { type: 'button' } });
  const copy = async (): Promise<void> => {
    const text = code.textContent ?? '';
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = words.copied;
      setTimeout(() => {
        button.textContent = words.copy;
      }, COPIED_SHOWN_MS);
    } catch {
      // No clipboard without https: the text is selected, ready to be copied by hand.
      getSelection()?.selectAllChildren(code);
    }
  };
  button.addEventListener('click', () => void copy());
  return button;
}

const COPIED_SHOWN_MS = 2500;

async function fetchStations(): Promise<readonly StationDescription[]> {
  try {
    const response = await fetch(`${home}/api/stations`, { cache: 'no-store' });
    const parsed = z.object({ stations: z.array(stationDescriptionSchema) }).safeParse(await response.json());
    return parsed.success ? parsed.data.stations : [];
  } catch {
    return [];
  }
}
