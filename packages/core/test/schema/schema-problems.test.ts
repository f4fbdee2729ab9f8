import { expect, it } from 'vitest';
import { z } from 'zod';
import { expected } from '../../src/schema/expected.ts';
import { schemaProblems } from '../../src/schema/schema-problems.ts';

const schema = z
  .strictObject({
    port: z.int(expected('a port')),
    names: z.array(z.string(expected('a name'))).optional(),
    nested: z.strictObject({ on: z.boolean(expected('true or false')), issuer: z.string().optional() }).optional(),
    list: z.array(z.strictObject({ first: z.string().optional() })).optional(),
    clock: z.custom<() => number>(() => true).default(() => Date.now),
    either: z.union([z.strictObject({ first: z.string() }), z.strictObject({ second: z.string() })]).optional(),
    routes: z.record(z.string(), z.strictObject({ scope: z.string().optional() })).optional(),
    tagged: z
      .discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('file'), cache: z.strictObject({ maxAge: z.int().optional() }).prefault({}) }),
        z.strictObject({ kind: z.literal('agent'), endpoint: z.string().optional() }).transform((value) => value),
      ])
      .optional(),
  })
  .transform((value) => value);

function problemsOf(value: unknown) {
  const { error } = schema.safeParse(value);
  return error === undefined ? [] : schemaProblems(error, schema);
}

it('gives each problem its dotted path, and says what is missing and what is wrong', () => {
  expect(problemsOf({ names: ['a', 1], nested: { on: 'yes' } })).toEqual([
    { path: 'port', message: 'is required: a port' },
    { path: 'names.1', message: 'must be a name' },
    { path: 'nested.on', message: 'must be true or false' },
  ]);
});

it('says once what two rules say in the same words', () => {
  const name = z
    .string()
    .min(1, 'must be a name')
    .refine((value) => value === 'known', { error: 'must be a name' });
  const { error } = z.strictObject({ name }).safeParse({ name: '' });
  expect(error?.issues).toHaveLength(2);
  expect(error && schemaProblems(error, schema)).toEqual([{ path: 'name', message: 'must be a name' }]);
});

it('reports each unknown setting by itself, at any depth', () => {
  expect(problemsOf({ port: 1, nested: { on: true, off: 1 }, colour: 'red', shape: 'round' })).toEqual([
    { path: 'nested.off', message: 'is not a known setting: remove it' },
    { path: 'colour', message: 'is not a known setting: remove it' },
    { path: 'shape', message: 'is not a known setting: remove it' },
  ]);
});

it('names the known setting that was likely meant', () => {
  const input = { prot: 1, nested: { on: true, isuer: 'x' }, list: [{}, { frist: 'a' }] };
  expect(problemsOf({ port: 1, ...input, tagged: { kind: 'agent', endpont: 'x' } })).toEqual([
    { path: 'nested.isuer', message: 'is not a known setting; did you mean nested.issuer?' },
    { path: 'list.1.frist', message: 'is not a known setting; did you mean list.1.first?' },
    { path: 'tagged.endpont', message: 'is not a known setting; did you mean tagged.endpoint?' },
    { path: 'prot', message: 'is not a known setting; did you mean port?' },
  ]);
});

it('knows the settings of a record, and of an object that only one choice of a union has', () => {
  const input = { routes: { '/orders': { scop: 'a' } }, tagged: { kind: 'file', cache: { maxAeg: 1 } } };
  expect(problemsOf({ port: 1, ...input })).toEqual([
    { path: 'routes./orders.scop', message: 'is not a known setting; did you mean routes./orders.scope?' },
    { path: 'tagged.cache.maxAeg', message: 'is not a known setting; did you mean tagged.cache.maxAge?' },
  ]);
});

it('gives a value that is no object at all no path', () => {
  expect(problemsOf(null).map(({ path }) => path)).toEqual(['']);
});

it('names the new name of a renamed setting where the schema knows it', () => {
  const renamed = z.strictObject({ keyStore: z.any().optional(), maxAge: z.any().optional() });
  const { error } = renamed.safeParse({ keySeed: {}, staleFor: '1h', keepIn: '/tmp' });
  expect(schemaProblems(error as z.ZodError, renamed)).toEqual([
    { path: 'keySeed', message: 'is not a known setting; did you mean keyStore?' },
    { path: 'staleFor', message: 'is not a known setting; did you mean maxAge?' },
    { path: 'keepIn', message: 'is not a known setting: remove it' },
  ]);
});

it('says of a setting of another choice that it does not go with this one', () => {
  expect(problemsOf({ port: 1, tagged: { kind: 'file', endpoint: 'http://a' } })).toEqual([
    { path: 'tagged.endpoint', message: 'does not go with what is chosen here: remove it' },
  ]);
});
