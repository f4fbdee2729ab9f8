import type { RunbookName } from '@crossfade/core';
import { CrossfadeError } from '@crossfade/core/errors';

const RUNBOOKS = new WeakMap<CrossfadeError, RunbookName>();

/** Runs work on a store or a source of meters. What it throws says from then on which procedure to read. */
export async function withRunbook<Result>(name: RunbookName, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof CrossfadeError ? pointTo(name, error) : error;
  }
}

/** Says which procedure to read after an error, unless it is said already. Returns the error. */
export function pointTo(name: RunbookName, error: CrossfadeError): CrossfadeError {
  if (!RUNBOOKS.has(error)) RUNBOOKS.set(error, name);
  return error;
}

/** The procedure to read on after an error; `undefined` where the message is all there is. */
export function runbookOfError(error: unknown): RunbookName | undefined {
  return error instanceof CrossfadeError ? RUNBOOKS.get(error) : undefined;
}
