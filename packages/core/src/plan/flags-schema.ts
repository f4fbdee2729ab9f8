import { z } from 'zod';
import { expected, isObject, text } from '../schema/expected.ts';
import { duration, httpUrl } from './plan-field.ts';

const appConfigLocation = {
  application: text('the AppConfig application'),
  environment: text('the AppConfig environment'),
  profile: text('the AppConfig configuration profile'),
};
const MIN_POLL_MS = 15_000;
const MAX_POLL_MS = 86_400_000;
const pollInterval = duration
  .refine((ms) => ms >= MIN_POLL_MS && ms <= MAX_POLL_MS, {
    error: 'must be between 15s and 1d, the bounds of AppConfig',
  })
  .prefault('15s');

/** At `flags` the whole mapping is wrong, at `flags.source` its value. */
const flagsExpected = {
  error: ({ input }: { readonly input?: unknown }) => {
    if (!isObject(input)) return expected('a mapping with source: file, appconfig or agent').error({ input });
    return `${input['source'] === undefined ? 'is required:' : 'must be'} file, appconfig or agent`;
  },
};

/** The plan's `flags` section: where the switches are read from. */
export const flagsSchema = z.discriminatedUnion(
  'source',
  [
    z.strictObject({ source: z.literal('file'), path: text('the path of the flag document') }),
    z
      .strictObject({
        source: z.literal('appconfig'),
        ...appConfigLocation,
        pollInterval,
        region: text('an AWS region').optional(),
        endpoint: httpUrl.optional(),
      })
      .transform(({ pollInterval: pollIntervalMs, ...rest }) => ({ ...rest, pollIntervalMs })),
    z
      .strictObject({
        source: z.literal('agent'),
        url: httpUrl.default('http://localhost:2772'),
        ...appConfigLocation,
        pollInterval,
      })
      .transform(({ pollInterval: pollIntervalMs, ...rest }) => ({ ...rest, pollIntervalMs })),
  ],
  flagsExpected,
);
