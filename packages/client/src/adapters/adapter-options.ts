import { ConfigError } from '@crossfade/core';
import { customOption, schemaProblems } from '@crossfade/core/schema';
import { z } from 'zod';
import type { Bff } from '../bff/bff.ts';

/** Options of the adapters. */
export interface CrossfadeBffOptions {
  /** What `createBff` returned. */
  readonly bff: Bff;
}

const shape = {
  bff: customOption<Bff>(
    (value) => typeof (value as Partial<Bff> | null)?.handle === 'function',
    'a backend for browsers: createBff creates one',
  ),
};
const strictSchema = z.strictObject(shape);
/** Fastify's own settings are among the options. */
const looseSchema = z.object(shape);

/** @throws {@link ConfigError} when the options have no backend. */
export function adapterBff(options: CrossfadeBffOptions, others: 'refused' | 'ignored' = 'refused'): Bff {
  const schema = others === 'refused' ? strictSchema : looseSchema;
  const parsed = schema.safeParse(options);
  if (!parsed.success) throw new ConfigError('crossfadeBff', schemaProblems(parsed.error, schema));
  return parsed.data.bff;
}
