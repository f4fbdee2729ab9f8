/** Returns the page's element with an id. */
export function elementOf(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
}

/** Returns the page's input with an id. */
export function inputOf(id: string): HTMLInputElement {
  const element = elementOf(id);
  if (!(element instanceof HTMLInputElement)) throw new Error(`#${id} is not an input`);
  return element;
}

/** Sets the text of an element, if it differs: assistive technology announces each change. Markup in it stays text. */
export function setText(id: string, text: string): void {
  const element = elementOf(id);
  if (element.textContent !== text) element.textContent = text;
}

/** Makes a link lead to a procedure that this port serves. */
export function setRunbook(id: string, name: string): void {
  setText(id, `Runbook: ${name}`);
  elementOf(id).setAttribute('href', `runbooks/${name}`);
}

/** Sets a number: formatted as text, plain as `value`. */
export function setCount(id: string, count: number): void {
  setText(id, count.toLocaleString('en'));
  elementOf(id).setAttribute('value', String(count));
}

/**
 * Replaces the children of an element and leaves equal ones untouched, so that a selection and the position of a screen
 * reader survive each second's update.
 */
export function updateChildren(element: Element, children: readonly Node[]): void {
  for (const [index, child] of children.entries()) {
    const present = element.childNodes[index];
    if (present === undefined) element.append(child);
    else if (!present.isEqualNode(child) && !updateElement(present, child)) present.replaceWith(child);
  }
  while (element.childNodes.length > children.length) element.lastChild?.remove();
}

/** What the page's visitor did to an element: an update leaves it. */
const VISITORS_ATTRIBUTE = 'data-dismissed';

/** Copies the attributes and children of another element of the same kind. Returns `false` if it is of another kind. */
function updateElement(present: Node, fresh: Node): boolean {
  if (!(present instanceof HTMLElement && fresh instanceof HTMLElement)) return false;
  const ownAttributes = present.attributes.length - (present.hasAttribute(VISITORS_ATTRIBUTE) ? 1 : 0);
  if (present.tagName !== fresh.tagName || ownAttributes !== fresh.attributes.length) return false;
  for (const { name, value } of fresh.attributes) {
    // The content security policy forbids style attributes.
    if (name === 'style') present.style.cssText = fresh.style.cssText;
    else if (present.getAttribute(name) !== value) present.setAttribute(name, value);
  }
  updateChildren(present, [...fresh.childNodes]);
  return true;
}

/** Creates an element that contains text, elements or both. */
export function createElement<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className: string,
  ...content: readonly (string | Node)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  if (className !== '') element.className = className;
  element.append(...content);
  return element;
}
