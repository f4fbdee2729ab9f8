const MAX_DEPTH = 32;

/** An object parsed from JSON: own properties only, and no `__proto__`. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Parses a JSON object that every parser reads the same way: no duplicate member names, no `__proto__`, no depth that
 * could exhaust the next parser's stack. Two parsers of one token must not see two subjects (RFC 8725 §2.4).
 * @returns the object, or `undefined` for any other text.
 */
export function parseStrictJson(text: string): JsonObject | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  // A duplicated name appears twice in the text, but leaves one member.
  return countMembers(value, 1) === countNames(text) ? (value as JsonObject) : undefined;
}

/** Counts members at any depth; `NaN` if the value is too deep or has a member named `__proto__`. */
function countMembers(value: object, depth: number): number {
  if (depth > MAX_DEPTH || Object.hasOwn(value, '__proto__')) return Number.NaN;
  const members: unknown[] = Array.isArray(value) ? value : Object.values(value);
  let count = Array.isArray(value) ? 0 : members.length;
  for (const member of members) {
    if (typeof member === 'object' && member !== null) count += countMembers(member, depth + 1);
  }
  return count;
}

const [QUOTE, COLON, BACKSLASH] = [0x22, 0x3a, 0x5c];

/** Counts names in valid JSON, where a colon outside of strings follows each name. */
function countNames(text: string): number {
  let names = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === COLON) names += 1;
    else if (code === QUOTE) at = closingQuote(text, at);
  }
  return names;
}

function closingQuote(text: string, opening: number): number {
  let at = text.indexOf('"', opening + 1);
  while (isEscaped(text, at)) at = text.indexOf('"', at + 1);
  return at;
}

function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
  return (at - first) % 2 === 1;
}
