import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { PolicyDocument, PolicyStatement } from '@crossfade/appconfig-emulator';
import { parse } from 'yaml';

const PATH = resolve(import.meta.dirname, '../../deploy/aws/crossfade.yaml');

export interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

export interface Template {
  readonly Parameters: Readonly<Record<string, { readonly Default?: string; readonly Description: string }>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

const name = (tag: string) => (tag === '!Ref' ? 'Ref' : `Fn::${tag.slice(1)}`);

/** The template of deploy/aws; its short functions are written out, as `{ Ref: 'Application' }`. */
export function readTemplate(text = readFileSync(PATH, 'utf8')): Template {
  const tags = ['!Ref', '!Sub', '!GetAtt', '!If', '!Equals'];
  return parse(text, {
    customTags: [
      ...tags.map((tag) => ({ tag, resolve: (value: string) => ({ [name(tag)]: value }) })),
      ...tags.map((tag) => ({
        tag,
        collection: 'seq' as const,
        resolve: (value: { toJSON(): unknown }) => ({ [name(tag)]: value.toJSON() }),
      })),
    ],
  }) as Template;
}

/** Values by the names that a template uses: parameters, `Application`, `Application.ApplicationId`, `AWS::Region`. */
export type Names = Readonly<Record<string, string>>;

/** Evaluates the functions of a value. `undefined` for what a condition leaves out. */
export function evaluate(value: unknown, names: Names): unknown {
  if (Array.isArray(value)) return value.map((item) => evaluate(item, names));
  if (value === null || typeof value !== 'object') return value;
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Sub': text, 'Fn::If': choice } = value as Record<string, unknown>;
  if (Ref !== undefined) return nameIn(names, String(Ref));
  if (attribute !== undefined) return nameIn(names, String(attribute));
  if (choice !== undefined) {
    // The template's one condition.
    const [, whenTrue, whenFalse] = choice as [string, unknown, unknown];
    return evaluate(names['ExistingStrategyId'] === '' ? whenTrue : whenFalse, names);
  }
  if (text !== undefined) {
    const [pattern, own] = (Array.isArray(text) ? text : [text, {}]) as [string, object];
    const all = { ...names, ...(evaluate(own, names) as Names) };
    return pattern.replace(/\$\{([\w:.]+)\}/g, (_, key: string) => nameIn(all, key));
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, evaluate(item, names)]));
}

function nameIn(names: Names, key: string): string {
  const value = names[key];
  if (value === undefined) throw new Error(`the template uses ${key}, which is not known here`);
  return value;
}

export type Role = 'OperatorRole' | 'OnCallRole' | 'ReaderRole';

/** The policies of a role. */
export function policiesOf(template: Template, role: Role, names: Names): readonly PolicyDocument[] {
  const { ManagedPolicyArns = [], Policies } = template.Resources[role]?.Properties ?? {};
  if (Policies !== undefined) throw new Error(`${role} has policies of its own`);
  return (ManagedPolicyArns as { readonly Ref: string }[]).map(
    ({ Ref }) => evaluate(template.Resources[Ref]?.Properties['PolicyDocument'], names) as PolicyDocument,
  );
}

export function statementsOf(policies: readonly PolicyDocument[]): readonly PolicyStatement[] {
  return policies.flatMap(({ Statement }) => Statement as readonly PolicyStatement[]);
}

export function actionsOf(policies: readonly PolicyDocument[]): readonly string[] {
  return statementsOf(policies)
    .flatMap(({ Action }) => Action)
    .sort();
}
