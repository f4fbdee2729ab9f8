import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';

const MAX_TAGS = 50;

/** A resource's tags in a request. */
export const tagMap = z
  .record(
    z
      .string()
      .min(1)
      .max(128)
      .regex(/^(?!aws:)/, { error: 'must not start with aws:' }),
    z.string().max(256),
  )
  .refine((tags) => Object.keys(tags).length <= MAX_TAGS, { error: `at most ${MAX_TAGS} tags` });

/** The tags of every resource, keyed by the part of its ARN that names it: `application/abc1234`. */
export interface Tags {
  of(resource: string): Readonly<Record<string, string>>;
  /** @throws {AwsError} BadRequestException when the resource would have more than 50. */
  add(resource: string, tags: Readonly<Record<string, string>> | undefined): void;
  remove(resource: string, keys: readonly string[]): void;
}

export function createTags(): Tags {
  const byResource = new Map<string, ReadonlyMap<string, string>>();
  const of = (resource: string) => byResource.get(resource) ?? new Map<string, string>();

  return {
    of: (resource) => Object.fromEntries(of(resource)),
    add(resource, tags = {}) {
      const all = new Map([...of(resource), ...Object.entries(tags)]);
      if (all.size > MAX_TAGS)
        throw new AwsError('BadRequestException', `Tags: a resource has at most ${MAX_TAGS} tags`);
      byResource.set(resource, all);
    },
    remove(resource, keys) {
      byResource.set(resource, new Map([...of(resource)].filter(([key]) => !keys.includes(key))));
    },
  };
}
