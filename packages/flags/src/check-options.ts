import { ConfigError } from '@crossfade/core';
import { z } from 'zod';

const duration = z
  .number('must be a number of milliseconds above 0')
  .positive('must be a number of milliseconds above 0');
const path = z.string('must be a path').min(1, 'must be a path');
const name = z.string('must be a name or an id').min(1, 'must be a name or an id');
const url = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' });

const options = z.object({
  path: path.optional(),
  keepIn: path.optional(),
  application: name.optional(),
  environment: name.optional(),
  profile: name.optional(),
  url: url.optional(),
  endpoint: url.optional(),
  intervalMs: duration.optional(),
  pollIntervalMs: duration.optional(),
  timeoutMs: duration.optional(),
});

/**
 * Checks options that did not come through a plan, where a mistake would otherwise show as an outage, or as a poll
 * without a pause.
 * @throws {@link ConfigError} with every problem.
 */
export function checkOptions(subject: string, given: z.input<typeof options>): void {
  const { error } = options.safeParse(given);
  if (error === undefined) return;
  throw new ConfigError(
    subject,
    error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
  );
}
