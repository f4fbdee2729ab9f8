import { DEFAULT_FLAG_DOCUMENT, parseFlagDocument } from '@crossfade/core';
import type { StoredPosition } from '../flag-store/flag-position.ts';
import type { ChangeTools } from './change.ts';
import { ignoreUnavailable } from './last-words.ts';

/** The flags as a rollback reads them: it must not fail on the document that it repairs. */
export type LenientFlags = StoredPosition & { readonly isBroken: boolean };

/** Reads the document. A broken one says nothing about what the APIs hold: readers keep their last good one. */
export async function readLeniently({ writer }: Pick<ChangeTools, 'writer'>): Promise<LenientFlags> {
  const stored = await writer.read();
  const result = parseFlagDocument(stored.text);
  if (result.ok) return { stored, document: result.document, isBroken: false };
  return { stored, document: DEFAULT_FLAG_DOCUMENT, isBroken: true };
}

/** Whether the legacy audience is closed: by the flags, or, where they are broken, as instances show that enforce them. */
export async function isClosed(
  { fleet, invocation }: Pick<ChangeTools, 'fleet' | 'invocation'>,
  { document, isBroken }: LenientFlags,
): Promise<boolean> {
  if (!isBroken) return document.acceptance === 'target';
  const snapshot = await fleet?.read(invocation.now()).catch(ignoreUnavailable);
  return snapshot?.readings.some(({ sides }) => sides.legacy.commanded === false) ?? false;
}
