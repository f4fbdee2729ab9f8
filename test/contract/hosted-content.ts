import type { FlagJson } from './store-under-test.ts';

/** Converts flag values to the content of a feature-flag profile, with a definition of each flag and attribute. */
export function toHostedContent(values: FlagJson): string {
  const flags = Object.entries(values).map(([name, { enabled: _, ...attributes }]) => {
    const definitions = Object.entries(attributes).map(([key, value]) => [
      key,
      { constraints: { type: typeof value } },
    ]);
    return [name, { name, attributes: Object.fromEntries(definitions) }];
  });
  return JSON.stringify({ version: '1', flags: Object.fromEntries(flags), values });
}
