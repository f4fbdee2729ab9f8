const MAX_DEPTH = 32;

/** An object as JSON wrote it: own properties only, no `__proto__` among them. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Parses a JSON object that every parser reads alike: no member name twice, no `__proto__`, no depth that could
 * exhaust the next reader's stack. Two readers of one token must not see two subjects (RFC 8725 §2.4).
 * @returns the object, or `undefined` when the text is anything else.
 */
export function parseStrictJson(text: string): JsonObject | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return isUnambiguous(text) ? (value as JsonObject) : undefined;
}

/** Walks text that is known to be valid JSON. */
function isUnambiguous(text: string): boolean {
  const namesInside: Set<string>[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '{' || character === '[') {
      if (namesInside.push(new Set()) > MAX_DEPTH) return false;
    } else if (character === '}' || character === ']') {
      namesInside.pop();
    } else if (character === '"') {
      const end = closingQuote(text, at);
      if (isName(text, end) && !isNewName(readString(text, at, end), namesInside.at(-1))) return false;
      at = end;
    }
  }
  return true;
}

function closingQuote(text: string, opening: number): number {
  let at = text.indexOf('"', opening + 1);
  while (isEscaped(text, at)) at = text.indexOf('"', at + 1);
  return at;
}

function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text[first - 1] === '\\') first -= 1;
  return (at - first) % 2 === 1;
}

/** A string before a colon is the name of a member. */
function isName(text: string, end: number): boolean {
  let at = end + 1;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return text[at] === ':';
}

function readString(text: string, opening: number, end: number): string {
  const content = text.slice(opening + 1, end);
  return content.includes('\\') ? JSON.parse(`"${content}"`) : content;
}

function isNewName(name: string, names: Set<string> | undefined): boolean {
  if (name === '__proto__' || names?.has(name) === true) return false;
  names?.add(name);
  return true;
}
