import { createElement, elementOf } from './element.ts';

/** Adds a button with a tooltip, for pointer, touch and keyboard, to every element with `data-help`. */
export function addHelp(): void {
  for (const [index, label] of [...document.querySelectorAll<HTMLElement>('[data-help]')].entries()) {
    const help = createHelp(`help-${index}`, `What is “${label.textContent}”?`, label.dataset['help'] ?? '');
    // Keeps the button's text out of the heading's accessible name.
    if (label.tagName === 'H2') label.setAttribute('aria-label', label.textContent);
    label.append(...help);
  }
  // Escape hides a tooltip without moving the focus (WCAG 1.4.13).
  elementOf('main').addEventListener('keydown', ({ key, target }) => {
    if (key === 'Escape' && target instanceof HTMLElement && target.className === 'help')
      target.dataset['dismissed'] = '';
  });
  const restore = ({ target }: Event) => {
    if (target instanceof HTMLElement) delete target.dataset['dismissed'];
  };
  elementOf('main').addEventListener('focusout', restore);
  elementOf('main').addEventListener('mouseout', restore);
}

/** Creates a button and its tooltip, to be put behind what they explain. */
export function createHelp(id: string, question: string, text: string): [HTMLButtonElement, HTMLSpanElement] {
  const tip = createElement('span', 'tip', text);
  tip.id = id;
  tip.role = 'tooltip';
  const button = createElement('button', 'help', '?');
  button.type = 'button';
  button.setAttribute('aria-label', question);
  button.setAttribute('aria-describedby', tip.id);
  return [button, tip];
}
