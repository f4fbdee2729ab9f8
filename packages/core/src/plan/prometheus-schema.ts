import { z } from 'zod';
import { expected, isObject, text } from '../schema/expected.ts';
import { holdsCredentials } from '../schema/secure-url.ts';
import { duration, HTTP_URL, httpUrl } from './plan-field.ts';

const FILE = 'the path of a file; it starts at the folder of the plan';
const HEADERS = 'a mapping of header names to values';
/** RFC 9110 §5.6.2 and §5.5. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** They would be secrets in a file that is no secret. */
const SECRET_HEADERS = ['authorization', 'cookie', 'proxy-authorization', 'x-api-key'];
const SCHEMES = ['basic', 'bearerTokenFile', 'sigv4'] as const;

/** Splits what an environment variable holds, as OpenTelemetry writes headers: `name=value,name=value`. */
function splitHeaders(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return Object.fromEntries(
    value.split(',').map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at < 0 ? undefined : at).trim(), at < 0 ? '' : pair.slice(at + 1).trim()];
    }),
  );
}

const namedHeaders = z
  .record(z.string(), z.string(expected(HEADERS)).regex(HEADER_VALUE, expected('a header value')), expected(HEADERS))
  .superRefine((given, context) => {
    for (const name of Object.keys(given)) {
      if (!HEADER_NAME.test(name))
        context.addIssue({ code: 'custom', path: [name], message: 'must be the name of an HTTP header' });
      if (SECRET_HEADERS.includes(name.toLowerCase()))
        context.addIssue({
          code: 'custom',
          path: [name],
          message: 'would be a secret in the plan: use bearerTokenFile, basic or sigv4 instead',
        });
    }
  });

const headers = z.preprocess(splitHeaders, namedHeaders);

/** The long form, as it is written. */
const prometheusMapping = z
  .strictObject(
    {
      url: httpUrl,
      timeout: duration.prefault('5s'),
      headers: headers.optional(),
      basic: z
        .strictObject(
          { username: text('a user name'), passwordFile: text(FILE) },
          expected('a mapping with username and passwordFile'),
        )
        .optional(),
      bearerTokenFile: text(FILE).optional(),
      ca: text(FILE).optional(),
      sigv4: z
        .strictObject(
          { region: text('an AWS region, such as eu-central-1'), service: text('an AWS service').prefault('aps') },
          expected('a mapping with region'),
        )
        .optional(),
    },
    expected(`${HTTP_URL}, or a mapping with url`),
  )
  .refine((given) => SCHEMES.filter((scheme) => given[scheme] !== undefined).length <= 1, {
    when: ({ value }) => isObject(value),
    error: `must have one of ${SCHEMES.join(', ')}: a request has one Authorization header`,
  })
  .refine(
    (given) =>
      typeof given.url !== 'string' ||
      !holdsCredentials(given.url) ||
      SCHEMES.every((scheme) => given[scheme] === undefined),
    {
      when: ({ value }) => isObject(value),
      path: ['url'],
      error: `must be without user and password where one of ${SCHEMES.join(', ')} is given`,
    },
  )
  .refine((given) => given.ca === undefined || !isPlain(given.url), {
    when: ({ value }) => isObject(value),
    path: ['ca'],
    error: 'must be left out with an http URL, or the URL be https',
  });

/** The plan's `gate.prometheus`: its URL, or a mapping that says how to ask a managed one. */
export const prometheusSchema = z
  .preprocess((given) => (typeof given === 'string' ? { url: given } : given), prometheusMapping)
  .transform(({ timeout, ...rest }) => ({ ...rest, timeoutMs: timeout }));

/** Adds to a JSON Schema what a preprocessed value loses: that a URL alone will do. For `z.toJSONSchema`. */
export function addShortForm({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: unknown;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}) {
  if (zodSchema !== prometheusMapping) return;
  const longForm = { ...jsonSchema };
  for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
  jsonSchema.anyOf = [{ type: 'string', format: 'uri' }, longForm];
}

function isPlain(url: unknown): boolean {
  return typeof url === 'string' && url.toLowerCase().startsWith('http:');
}
