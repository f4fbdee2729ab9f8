import type { z } from 'zod';
import { type InvalidConfigurationDetail, invalidConfiguration } from '../protocol/aws-error.ts';
import {
  type AttributeConstraints,
  type AttributeDefinitions,
  type AttributeValue,
  attributeNames,
  type FlagSet,
  type FlagValue,
  flagSet,
} from './flag-set.ts';

/**
 * Reads a feature flag document and checks its schema and each value against its definition.
 * @throws {AwsError} BadRequestException with `Reason: InvalidConfiguration` and every problem in `Details`.
 */
export function checkFlagSet(content: Buffer): FlagSet {
  const parsed = flagSet.safeParse(parseJson(content));
  if (!parsed.success) throw invalidConfiguration(parsed.error.issues.map(fromIssue));
  const problems = Object.entries(parsed.data.values ?? {}).flatMap(([flag, value]) =>
    checkValue(parsed.data, flag, value),
  );
  if (problems.length > 0) throw invalidConfiguration(problems);
  return parsed.data;
}

function parseJson(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString('utf8'));
  } catch {
    throw invalidConfiguration([{ Type: 'PARSE_ERROR', Location: '', Reason: 'the content must be JSON' }]);
  }
}

function fromIssue(issue: z.core.$ZodIssue): InvalidConfigurationDetail {
  return violation(issue.path.map(String), issue.code, issue.message);
}

function checkValue({ flags = {} }: FlagSet, flag: string, value: FlagValue): InvalidConfigurationDetail[] {
  const path = ['values', flag];
  const definition = Object.hasOwn(flags, flag) ? flags[flag] : undefined;
  if (definition === undefined) return [violation(path, 'definition', 'has no definition in flags')];
  const { attributes = {} } = definition;
  if (value._variants === undefined) {
    const given = attributeNames(value).map((name) => [name, value[name] as AttributeValue] as const);
    return checkAttributes(attributes, new Map(given), path);
  }
  return value._variants.flatMap(({ attributeValues = {} }, index) =>
    checkAttributes(attributes, new Map(Object.entries(attributeValues)), [
      ...path,
      '_variants',
      String(index),
      'attributeValues',
    ]),
  );
}

function checkAttributes(
  definitions: AttributeDefinitions,
  given: ReadonlyMap<string, AttributeValue>,
  path: readonly string[],
): InvalidConfigurationDetail[] {
  const wrong = [...given].flatMap(([name, value]) => {
    const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
    if (definition === undefined)
      return [violation([...path, name], 'definition', 'is not among the attributes of the flag')];
    return checkAttribute(definition.constraints, value, [...path, name]);
  });
  const missing = Object.entries(definitions)
    .filter(([name, { constraints }]) => constraints?.required === true && !given.has(name))
    .map(([name]) => violation([...path, name], 'required', 'is required'));
  return [...wrong, ...missing];
}

function checkAttribute(
  constraints: AttributeConstraints | undefined,
  value: AttributeValue,
  path: readonly string[],
): InvalidConfigurationDetail[] {
  if (constraints === undefined) return [];
  if (constraints.type === 'array') {
    if (!Array.isArray(value)) return [violation(path, 'type', 'must be an array')];
    return value.flatMap((element, index) => checkAttribute(constraints.elements, element, [...path, String(index)]));
  }
  if (typeof value !== constraints.type) return [violation(path, 'type', `must be a ${constraints.type}`)];
  if (constraints.type === 'number') return checkNumber(constraints, Number(value), path);
  return constraints.type === 'string' ? checkString(constraints, String(value), path) : [];
}

function checkNumber(
  { minimum, maximum }: Extract<AttributeConstraints, { type: 'number' }>,
  value: number,
  path: readonly string[],
): InvalidConfigurationDetail[] {
  if (minimum !== undefined && value < minimum) return [violation(path, 'minimum', `must be at least ${minimum}`)];
  if (maximum !== undefined && value > maximum) return [violation(path, 'maximum', `must be at most ${maximum}`)];
  return [];
}

function checkString(
  constraints: Extract<AttributeConstraints, { type: 'string' }>,
  value: string,
  path: readonly string[],
): InvalidConfigurationDetail[] {
  if (constraints.enum?.map(String).includes(value) === false)
    return [violation(path, 'enum', 'must be one of the allowed values')];
  if (constraints.pattern === undefined) return [];
  try {
    return new RegExp(constraints.pattern, 'u').test(value)
      ? []
      : [violation(path, 'pattern', 'must match the pattern')];
  } catch {
    return [violation(path, 'pattern', 'its pattern must be a regular expression')];
  }
}

function violation(path: readonly string[], constraint: string, reason: string): InvalidConfigurationDetail {
  const location = path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return { Type: 'INVALID_CONFIGURATION', Location: location, Constraint: constraint, Reason: reason };
}
