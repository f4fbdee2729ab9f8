import { ISSUE_TARGET_FLAG } from '@crossfade/core';
import { z } from 'zod';

const document = z.object({
  [ISSUE_TARGET_FLAG]: z.object({ revision: z.union([z.string(), z.number()]).optional() }).optional(),
});

/**
 * The revision that a readable document carries, even on a disabled flag: a file keeps the attribute that AppConfig's
 * data plane strips, and a rollback is then told apart from what stood before.
 */
export function storedRevision(text: string): string | null {
  const revision = document.safeParse(JSON.parse(text)).data?.[ISSUE_TARGET_FLAG]?.revision;
  return revision === undefined ? null : String(revision);
}
