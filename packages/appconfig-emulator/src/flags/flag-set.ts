import { z } from 'zod';

const key = z
  .string()
  .regex(/^[a-z][a-zA-Z\d_-]{0,63}$/, { error: 'must start with a-z and have 1 to 64 letters, digits, _ and -' });
const name = z.string().regex(/^[^\n]{1,64}$/, { error: 'must be 1 to 64 characters on one line' });
const text = z.string().max(1024);

const stringConstraints = z
  .strictObject({
    type: z.literal('string'),
    required: z.boolean().optional(),
    pattern: text.optional(),
    enum: z
      .array(z.union([text, z.int()]))
      .max(100)
      .optional(),
  })
  .refine((value) => value.pattern === undefined || value.enum === undefined, {
    error: 'must have pattern or enum, not both',
  });
const numberConstraints = z.strictObject({
  type: z.literal('number'),
  required: z.boolean().optional(),
  minimum: z.int().optional(),
  maximum: z.int().optional(),
});
const arrayConstraints = z.strictObject({
  type: z.literal('array'),
  required: z.boolean().optional(),
  elements: z.discriminatedUnion('type', [numberConstraints, stringConstraints]).optional(),
});
const booleanConstraints = z.strictObject({ type: z.literal('boolean'), required: z.boolean().optional() });

const constraints = z.discriminatedUnion('type', [
  stringConstraints,
  numberConstraints,
  arrayConstraints,
  booleanConstraints,
]);
export type AttributeConstraints = z.infer<typeof constraints>;

const attributeDefinitions = z
  .record(key, z.strictObject({ description: text.optional(), constraints: constraints.optional() }))
  .refine((value) => Object.keys(value).length <= 25, { error: 'at most 25 attributes' });
export type AttributeDefinitions = z.infer<typeof attributeDefinitions>;

const flagDefinition = z.strictObject({
  name: name.optional(),
  description: text.optional(),
  _createdAt: z.string().optional(),
  _updatedAt: z.string().optional(),
  _deprecation: z.strictObject({ status: z.literal('planned').optional(), date: z.iso.date().optional() }).optional(),
  attributes: attributeDefinitions.optional(),
});

const attributeValue = z.union([text, z.number(), z.boolean(), z.array(text), z.array(z.number())]);
export type AttributeValue = z.infer<typeof attributeValue>;

const variant = z.strictObject({
  enabled: z.boolean(),
  name,
  rule: z.string().max(16_384).optional(),
  attributeValues: z
    .record(key, attributeValue)
    .refine((value) => Object.keys(value).length <= 25, { error: 'at most 25 attributes' })
    .optional(),
});

const OWN_MEMBERS = ['enabled', '_createdAt', '_updatedAt', '_variants'];

const flagValue = z
  .object({
    enabled: z.boolean().optional(),
    _createdAt: z.string().optional(),
    _updatedAt: z.string().optional(),
    _variants: z.array(variant).max(32).optional(),
  })
  .catchall(attributeValue)
  .superRefine((value, context) => {
    const attributes = attributeNames(value);
    for (const attribute of attributes.filter((candidate) => !key.safeParse(candidate).success)) {
      context.addIssue({ code: 'custom', path: [attribute], message: 'must be an attribute key' });
    }
    if (attributes.length > 25) context.addIssue({ code: 'custom', message: 'at most 25 attributes' });
  });
export type FlagValue = z.infer<typeof flagValue>;

/**
 * A feature flag document as `CreateHostedConfigurationVersion` accepts it.
 * @see https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-type-reference-feature-flags.html
 */
export const flagSet = z.strictObject({
  version: z.literal('1'),
  flags: z.record(key, flagDefinition).optional(),
  values: z.record(key, flagValue).optional(),
});
export type FlagSet = z.infer<typeof flagSet>;

/** Returns the keys of a flag's value that are attributes, leaving out the members every flag has. */
export function attributeNames(value: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(value).filter((member) => !OWN_MEMBERS.includes(member));
}
