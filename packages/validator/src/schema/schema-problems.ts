import type { Problem } from '@crossfade/core';
import type { z } from 'zod';

/** What a schema found wrong, as problems of a configuration; each unknown setting is one of its own. */
export function schemaProblems(error: z.ZodError): readonly Problem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code !== 'unrecognized_keys') return [{ path: path.join('.'), message: issue.message }];
    return issue.keys.map((key) => ({ path: [...path, key].join('.'), message: 'is not a known setting: remove it' }));
  });
}
