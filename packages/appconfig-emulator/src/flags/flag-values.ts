import { attributeNames, type FlagSet, type FlagValue } from './flag-set.ts';

/**
 * Returns a flag document as the data plane sends it: only the values, and only `enabled: false` for a disabled flag.
 * A flag without a value is off. A multi-variant flag keeps its `_variants`: only the AppConfig Agent evaluates them.
 * @see https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-type-reference-feature-flags.html
 */
export function flagValues({ flags = {}, values = {} }: FlagSet): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(flags).map((flag) => [flag, simplify(Object.hasOwn(values, flag) ? values[flag] : undefined)]),
  );
}

function simplify(value: FlagValue | undefined): Record<string, unknown> {
  if (value?._variants !== undefined) return { _variants: value._variants };
  if (value?.enabled !== true) return { enabled: false };
  return { enabled: true, ...Object.fromEntries(attributeNames(value).map((name) => [name, value[name]])) };
}
