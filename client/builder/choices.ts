import { make } from '../player-controls/element.ts';

/** A group of radio buttons, one of which is chosen. */
export function choices<Value extends string>(
  name: string,
  legend: string,
  texts: Readonly<Record<Value, string>>,
  order: readonly Value[],
  onChoice: (value: Value) => void,
): HTMLFieldSetElement {
  const labels = order.map((value, index) => {
    const input = make('input', { attributes: { type: 'radio', name, value } });
    input.checked = index === 0;
    input.addEventListener('change', () => onChoice(value));
    return make('label', { class: 'choice' }, input, texts[value]);
  });
  return make('fieldset', {}, make('legend', { text: legend }), make('div', { class: 'choices' }, ...labels));
}

/** A list from which one is chosen. */
export function selection(
  id: string,
  text: string,
  entries: readonly (readonly [value: string, text: string])[],
  onChoice: (value: string) => void,
): HTMLElement {
  const select = make(
    'select',
    { class: 'es-select', id },
    ...entries.map(([value, entry]) => make('option', { text: entry, attributes: { value } })),
  );
  select.addEventListener('change', () => onChoice(select.value));
  return make('div', {}, make('label', { class: 'label', text, attributes: { for: id } }), select);
}
