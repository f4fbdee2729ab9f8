import type { Validator } from '@crossfade/validator';
import { createSeenKeys, type SeenKeys } from '@crossfade/validator/meter';
import type { Log } from './process/log.ts';

/** The keys that an enforcing sidecar needs before it is in service. */
export interface AwaitedKeys {
  /** Which sides never had keys yet, and why; `undefined` from the moment on when each side had them, for good. */
  missing(): string | undefined;
  /** Stops asking. */
  close(): void;
}

type KeyedValidator = Pick<Validator, 'keys' | 'loadKeys'>;

const FIRST_RETRY_MS = 500;
/** The issuer is asked this often at least, so that a sidecar is in service seconds after its issuer. */
const LAST_RETRY_MS = 5_000;

/**
 * Asks for the keys of every side until they are there, and logs when that fails for the first time and when it succeeds.
 * Keys that are there once stay good for readiness although they age: one issuer's outage must not take every sidecar out
 * of service. Keeps no process alive.
 */
export function awaitKeys(
  validator: KeyedValidator,
  log: Log,
  seen: SeenKeys = createSeenKeys(validator),
): AwaitedKeys {
  let wereThere = false;
  let isClosed = false;
  let isLogged = false;
  let timer: NodeJS.Timeout | undefined;

  function missing(): string | undefined {
    if (wereThere) return undefined;
    const problem = describeMissing(seen);
    wereThere = problem === undefined;
    return problem;
  }

  async function ask(failures: number): Promise<void> {
    await validator.loadKeys();
    if (isClosed) return;
    const problem = missing();
    if (problem === undefined) {
      if (isLogged) log.info({ event: 'keys' }, 'the keys of every side are there: in service');
      return;
    }
    if (!isLogged)
      log.warn({ event: 'keys', problem }, `not in service, and every request with a token gets 503: ${problem}`);
    isLogged = true;
    timer = setTimeout(() => void ask(failures + 1), retryDelayMs(failures)).unref();
  }

  void ask(0);
  return {
    missing,
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

/** Exponential, with jitter: a fleet that restarts while its issuer is down must not ask in step. */
function retryDelayMs(failures: number): number {
  return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures) * (0.5 + Math.random() / 2);
}

/** `no keys of legacy and target yet (https://idp.example.com did not respond in time)`. */
function describeMissing(seen: SeenKeys): string | undefined {
  const sidesByReason = new Map<string, string[]>();
  for (const { side, reason } of seen.missing()) {
    sidesByReason.set(reason, [...(sidesByReason.get(reason) ?? []), side]);
  }
  if (sidesByReason.size === 0) return undefined;
  return [...sidesByReason].map(([reason, sides]) => `no keys of ${sides.join(' and ')} yet (${reason})`).join('; ');
}
