import type { z } from 'zod';
import type { Problem } from '../vocabulary/error.ts';
import { didYouMean } from './did-you-mean.ts';

/**
 * Lists what a schema found wrong as problems of a configuration, each with its dotted path. An unknown setting is a
 * problem of its own, and names the known one that was likely meant. What two rules say in the same words comes once.
 */
export function schemaProblems(error: z.ZodError, schema: z.ZodType): Problem[] {
  const problems = error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code !== 'unrecognized_keys') return [{ path: path.join('.'), message: issue.message }];
    const known = knownSettings(schema, issue.path);
    return issue.keys.map((key) => {
      if (known.includes(key))
        return { path: [...path, key].join('.'), message: 'does not go with what is chosen here: remove it' };
      const meant = known.find((name) => name === RENAMED[key]) ?? didYouMean(key, known);
      const advice = meant === undefined ? ': remove it' : `; did you mean ${[...path, meant].join('.')}?`;
      return { path: [...path, key].join('.'), message: `is not a known setting${advice}` };
    });
  });
  return [...new Map(problems.map((problem) => [`${problem.path}: ${problem.message}`, problem])).values()];
}

/** New names of settings whose old ones no longer resemble them. */
const RENAMED: Readonly<Record<string, string>> = { keySeed: 'keyStore', staleFor: 'maxAge' };

type Schema = z.core.$ZodTypes;

/** The settings that a schema knows of the object at a path. */
function knownSettings(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const schemas = path.reduce((outer, key) => outer.flatMap((one) => inner(one, key)), alternatives(schema));
  return schemas.flatMap(({ _zod: { def } }) => (def.type === 'object' ? Object.keys(def.shape) : []));
}

/** What a value may be, without what is wrapped around it: defaults, transformations, the choices of a union. */
function alternatives(schema: z.core.$ZodType | undefined): Schema[] {
  if (schema === undefined) return [];
  const { def } = (schema as Schema)._zod;
  if ('innerType' in def) return alternatives(def.innerType);
  if (def.type === 'pipe') return [def.in, def.out].flatMap(alternatives);
  return def.type === 'union' ? def.options.flatMap(alternatives) : [schema as Schema];
}

function inner({ _zod: { def } }: Schema, key: PropertyKey): Schema[] {
  if (def.type === 'object') return alternatives(def.shape[String(key)]);
  if (def.type === 'record') return alternatives(def.valueType);
  return def.type === 'array' ? alternatives(def.element) : [];
}
