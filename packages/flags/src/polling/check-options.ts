import { ConfigError } from '@crossfade/core';
import { z } from 'zod';

const MILLISECONDS = 'must be a number of milliseconds above 0, and at most a day';
// AWS accepts no longer poll interval, and a Node timer overflows at 24 days and then fires without pause.
const LONGEST_MS = 86_400_000;

const duration = z.number(MILLISECONDS).positive(MILLISECONDS).max(LONGEST_MS, MILLISECONDS);
const path = z.string('must be a path').min(1, 'must be a path');
const name = z.string('must be a name or an id').min(1, 'must be a name or an id');
const url = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' });

const MIGRATION = 'must name the migration whose flags are cached';
const migration = z.string(MIGRATION).min(1, MIGRATION);

const options = z.object({
  path: path.optional(),
  cacheDirectory: path.optional(),
  // Its old name: ignored, it would cost the cache without a word.
  keepIn: z.undefined('is not a known setting; did you mean cacheDirectory?').optional(),
  application: name.optional(),
  environment: name.optional(),
  profile: name.optional(),
  migration: migration.optional(),
  url: url.optional(),
  endpoint: url.optional(),
  intervalMs: duration.optional(),
  pollIntervalMs: duration.optional(),
  timeoutMs: duration.optional(),
});

/**
 * Checks options that did not come from a plan. Without the check a mistake would show up as an outage or as polling
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
