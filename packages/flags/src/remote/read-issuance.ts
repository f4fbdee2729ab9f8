import { ISSUE_TARGET_FLAG } from '@crossfade/core';
import { type PublishedIssuance, publishedIssuanceSchema } from '@crossfade/core/status';

/** Far more than the document needs, and less than an HTML page that a proxy sends instead. */
const MAX_CHARACTERS = 4096;

/** Reads the JSON of `GET <prefix>/issuance`. Returns what is wrong with it, without its content. */
export function readIssuance(text: string): PublishedIssuance | string {
  if (text.length > MAX_CHARACTERS) return `is longer than ${MAX_CHARACTERS} characters`;
  const parsed = publishedIssuanceSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path }) => path.join('.')).filter((path) => path !== '');
  return fields.length === 0 ? 'is not a JSON object' : `has no usable ${[...new Set(fields)].join(', ')}`;
}

/** Whether the backend has no position to publish: it started while its flag store was unreachable. */
export function isUnknown({ enabled, revision, stale }: PublishedIssuance): boolean {
  return !enabled && stale && revision === null;
}

/** Returns the position as the text of a flag document. */
export function flagDocumentOf({ enabled, percent, revision }: PublishedIssuance): string {
  const noted = revision === null ? {} : { revision };
  return JSON.stringify({ [ISSUE_TARGET_FLAG]: enabled ? { enabled, percent, ...noted } : { enabled, ...noted } });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
