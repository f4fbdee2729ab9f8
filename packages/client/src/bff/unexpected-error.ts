import { CrossfadeError } from '@crossfade/core';
import type { ClientEvent } from '../events/client-event.ts';

const MAX_FRAMES = 8;

/** Describes an error that nothing expects. Only the message of our own errors: that of others may hold a secret. */
export function unexpectedError(error: unknown): ClientEvent {
  if (!(error instanceof Error)) return { type: 'unexpected_error', name: typeof error, stack: [] };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at .+:\d+:\d+\)?$/.test(line));
  const name = /^\w{1,64}$/.test(error.name) ? error.name : 'Error';
  return {
    type: 'unexpected_error',
    name,
    ...(error instanceof CrossfadeError && { message: error.message }),
    stack: frames.slice(0, MAX_FRAMES).map((frame) => frame.trim()),
  };
}
