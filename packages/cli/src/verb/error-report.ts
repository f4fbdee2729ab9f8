import { ConfigError, ConflictError, CrossfadeError, UnavailableError } from '@crossfade/core/errors';
import type { FailureJson } from '../json/parts.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { runbookOfError } from './runbook-of-error.ts';

/** Any other error is a bug: the state is unknown, so a script must not go on. */
export function exitCodeOfError(error: unknown): ExitCode {
  if (error instanceof ConfigError) return EXIT.usage;
  if (error instanceof ConflictError) return EXIT.conflict;
  if (error instanceof UnavailableError) return EXIT.unavailable;
  return EXIT.refused;
}

/** Returns an error as `--json` prints it. */
export function errorJson(error: unknown): FailureJson {
  const runbook = runbookOfError(error);
  const readOn = runbook === undefined ? {} : { runbook };
  if (error instanceof ConfigError)
    return { code: error.code, message: error.message, problems: error.problems, ...readOn };
  if (error instanceof CrossfadeError) return { code: error.code, message: error.message, ...readOn };
  return { code: 'defect', message: 'unexpected failure' };
}
