/** The element of the page with an id. */
export function elementOf(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
}

/** The input of the page with an id. */
export function inputOf(id: string): HTMLInputElement {
  const element = elementOf(id);
  if (!(element instanceof HTMLInputElement)) throw new Error(`#${id} is no input`);
  return element;
}

/** Puts text where it differs: assistive technology hears changes only. Text is text, whatever it contains. */
export function put(id: string, text: string): void {
  const element = elementOf(id);
  if (element.textContent !== text) element.textContent = text;
}

/** Puts a number for people, and as it is for machines. */
export function putCount(id: string, count: number): void {
  put(id, count.toLocaleString('en'));
  elementOf(id).setAttribute('value', String(count));
}

/** A new element with text, elements, or both in it. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className: string,
  ...content: readonly (string | Node)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  if (className !== '') element.className = className;
  element.append(...content);
  return element;
}
