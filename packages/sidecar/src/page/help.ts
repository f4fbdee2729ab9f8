import { elementOf, make } from './element.ts';

/** Gives everything with a `data-help` a button whose tooltip explains it: by pointer, touch and keyboard. */
export function addHelp(): void {
  for (const [index, label] of [...document.querySelectorAll<HTMLElement>('[data-help]')].entries()) {
    const tip = make('span', 'tip', label.dataset['help'] ?? '');
    tip.id = `help-${index}`;
    tip.role = 'tooltip';
    const button = make('button', 'help', '?');
    button.type = 'button';
    button.setAttribute('aria-label', `What is “${label.textContent}”?`);
    button.setAttribute('aria-describedby', tip.id);
    // A heading is called by its own words, without the button's.
    if (label.tagName === 'H2') label.setAttribute('aria-label', label.textContent);
    label.append(button, tip);
  }
  // Escape puts a tooltip away without moving the focus (WCAG 1.4.13).
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
