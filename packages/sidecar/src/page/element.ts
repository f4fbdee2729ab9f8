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

/**
 * Makes the children of an element what they should be, and touches nothing that is so already: a selection, and the
 * place where a screen reader reads, survive the second.
 */
export function renew(element: Element, children: readonly Node[]): void {
  for (const [index, child] of children.entries()) {
    const present = element.childNodes[index];
    if (present === undefined) element.append(child);
    else if (!present.isEqualNode(child) && !adopt(present, child)) present.replaceWith(child);
  }
  while (element.childNodes.length > children.length) element.lastChild?.remove();
}

/** Takes over another element's attributes and children, if it is of the same kind. */
function adopt(present: Node, fresh: Node): boolean {
  if (!(present instanceof HTMLElement && fresh instanceof HTMLElement)) return false;
  if (present.tagName !== fresh.tagName || present.attributes.length !== fresh.attributes.length) return false;
  for (const { name, value } of fresh.attributes) {
    // As an attribute, a style is what the policy forbids.
    if (name === 'style') present.style.cssText = fresh.style.cssText;
    else if (present.getAttribute(name) !== value) present.setAttribute(name, value);
  }
  renew(present, [...fresh.childNodes]);
  return true;
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
