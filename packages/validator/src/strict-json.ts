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
  return isWrittenCompactly(text, value) || isUnambiguous(text) ? (value as JsonObject) : undefined;
}

/** Text that comes back unchanged lost no member on the way. Most issuers write such text, and it is quick to see. */
function isWrittenCompactly(text: string, value: object): boolean {
  return !text.includes('__proto__') && countOpenings(text) <= MAX_DEPTH && JSON.stringify(value) === text;
}

function countOpenings(text: string): number {
  let count = 0;
  for (const bracket of '{[') {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) count += 1;
  }
  return count;
}

const STRING_OR_BRACKET = /"((?:[^"\\]+|\\.)*)"(\s*:)?|[{}[\]]/g;

/** Walks text that is known to be valid JSON. */
function isUnambiguous(text: string): boolean {
  const open: Set<string>[] = [];
  for (const [token, content, colon] of text.matchAll(STRING_OR_BRACKET)) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    else if (colon !== undefined && !isNewName(JSON.parse(`"${content}"`), open.at(-1))) return false;
    if (open.length > MAX_DEPTH) return false;
  }
  return true;
}

function isNewName(name: string, names: Set<string> | undefined): boolean {
  if (name === '__proto__' || names?.has(name) === true) return false;
  names?.add(name);
  return true;
}
