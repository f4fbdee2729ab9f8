import { expect, it } from 'vitest';
import { planJsonSchema } from '../../src/plan/plan-schema.ts';
import { SETTING_DESCRIPTIONS } from '../../src/plan/setting-descriptions.ts';

it('says of every setting what it is for, and of nothing else', () => {
  const described = settingsIn(planJsonSchema(), []);
  expect(described.size).toBeGreaterThan(100);
  expect([...SETTING_DESCRIPTIONS.keys()].sort()).toEqual([...described.keys()].sort());
  expect([...described.values()].filter((text) => !/[.`)]$/.test(text))).toEqual([]);
});

interface SchemaNode {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
}

/** The description of each setting in a JSON Schema, by its dotted path. */
function settingsIn(
  { properties = {}, anyOf = [], oneOf = [] }: SchemaNode,
  path: readonly string[],
): Map<string, string> {
  const own = Object.entries(properties).flatMap(([name, setting]) => [
    [[...path, name].join('.'), setting.description ?? ''] as const,
    ...settingsIn(setting, [...path, name]),
  ]);
  return new Map([...own, ...[...anyOf, ...oneOf].flatMap((choice) => [...settingsIn(choice, path)])]);
}
