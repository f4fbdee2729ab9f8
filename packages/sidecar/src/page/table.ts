import { createElement } from './element.ts';
import { formatCount } from './labels.ts';

/** Creates a row of a table; `name` tells it from the others. */
export function row(name: string, ...cells: readonly HTMLElement[]): HTMLTableRowElement {
  const element = createElement('tr', '', ...cells);
  element.dataset['row'] = name;
  return element;
}

/** Creates the first cell of a row. */
export function rowHead(className: string, ...content: readonly (string | Node)[]): HTMLTableCellElement {
  const head = createElement('th', className, ...content);
  head.scope = 'row';
  return head;
}

/** Creates a cell with a number: formatted as text, plain as `value`. */
export function countCell(count: number, className = ''): HTMLTableCellElement {
  const data = createElement('data', '', formatCount(count));
  data.value = String(count);
  return createElement('td', `number ${className}`.trim(), data);
}
