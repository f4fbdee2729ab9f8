import { ISSUE_TARGET_FLAG } from '@crossfade/core';
import { z } from 'zod';

const document = z.object({
  [ISSUE_TARGET_FLAG]: z.object({ revision: z.union([z.string(), z.number()]).optional() }).optional(),
});

/**
 * Returns the revision in a readable document, even on a disabled flag: AppConfig's data plane strips that attribute, a
 * file keeps it, and it tells a rollback apart from the document before.
 */
export function storedRevision(text: string): string | null {
  const revision = document.safeParse(JSON.parse(text)).data?.[ISSUE_TARGET_FLAG]?.revision;
  return revision === undefined ? null : String(revision);
}
