import { z } from 'zod';
import type { Problem } from '../vocabulary/error.ts';
import { didYouMean } from './did-you-mean.ts';

/**
 * Lists what a schema found wrong as problems of a configuration, each with its dotted path. An unknown setting is a
 * problem of its own, and names the known one that was likely meant.
 */
export function schemaProblems(error: z.ZodError, schema: z.ZodType): Problem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code !== 'unrecognized_keys') return [{ path: path.join('.'), message: issue.message }];
    const known = knownSettings(schema, issue.path);
    return issue.keys.map((key) => {
      const meant = didYouMean(key, known);
      const advice = meant === undefined ? ': remove it' : `; did you mean ${[...path, meant].join('.')}?`;
      return { path: [...path, key].join('.'), message: `is not a known setting${advice}` };
    });
  });
}

/** What is read of a JSON Schema. */
interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
}

/** The settings that a schema knows of the object at a path. */
function knownSettings(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Node;
  let nodes = alternatives(root);
  for (const key of path) {
    nodes = nodes.flatMap(({ items, properties }) =>
      alternatives(typeof key === 'number' ? items : properties?.[String(key)]),
    );
  }
  return nodes.flatMap(({ properties = {} }) => Object.keys(properties));
}

/** A schema itself, or those that it is a union of. */
function alternatives(node: Node | undefined): Node[] {
  if (node === undefined) return [];
  const union = node.anyOf ?? node.oneOf;
  return union === undefined ? [node] : union.flatMap(alternatives);
}
