import { type LoginOutcome, type Side, UnavailableError } from '@crossfade/core';
import type { OnClientEvent } from '../events/client-event.ts';
import { GrantRefusedError, InvalidResponseError } from '../provider/errors.ts';
import type { LoginRequest } from './browser-login.ts';

/**
 * Returns a function that emits what became of a step of a login. A silent login (`prompt=none`) emits nothing: only its caller
 * knows whether it moved a session.
 */
export function loginReport({ prompt }: LoginRequest, side: Side, onEvent: OnClientEvent) {
  const isSilent = prompt === 'none';
  return async function report<T>(success: LoginOutcome, step: Promise<T>): Promise<T> {
    try {
      const result = await step;
      if (!isSilent) onEvent({ type: 'login', outcome: success, side });
      return result;
    } catch (error) {
      const failure = failureOf(error);
      if (failure !== undefined && !isSilent) onEvent({ type: 'login', side, ...failure });
      throw error;
    }
  };
}

function failureOf(error: unknown) {
  if (error instanceof InvalidResponseError) return { outcome: 'invalid', check: error.check } as const;
  if (error instanceof UnavailableError) return { outcome: 'unavailable' } as const;
  if (!(error instanceof GrantRefusedError)) return undefined;
  return { outcome: error.isDeclined ? 'declined' : 'refused', error: error.error } as const;
}
