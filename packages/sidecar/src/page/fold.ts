import { createElement } from './element.ts';

/** Lets a narrow window fold away what an element with `data-fold` holds. It begins folded; a wide window shows it all. */
export function addFolds(): void {
  for (const body of document.querySelectorAll<HTMLElement>('[data-fold]')) {
    const button = createElement('button', 'fold', 'show');
    button.type = 'button';
    const set = (isFolded: boolean) => {
      body.toggleAttribute('data-folded', isFolded);
      button.textContent = isFolded ? 'show' : 'hide';
      button.setAttribute('aria-label', `${button.textContent} ${body.dataset['fold'] ?? ''}`);
      button.setAttribute('aria-expanded', String(!isFolded));
    };
    button.setAttribute('aria-controls', body.id);
    button.addEventListener('click', () => set(!body.hasAttribute('data-folded')));
    set(true);
    body.closest('section')?.querySelector('.section-head')?.append(button);
  }
}
