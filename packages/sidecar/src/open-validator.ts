import { acceptanceSwitch, type Brownout, brownoutSwitch, formatInstant, type SidecarPlan } from '@crossfade/core';
import { createValidator, type Validator, validatorOptions } from '@crossfade/validator';
import type { OpenRedisDenylist } from '@crossfade/validator/redis';
import type { Census } from './census/census.ts';
import { type JudgingValidator, UNCONFIGURED_VALIDATOR, withCensus } from './census/census-validator.ts';
import { dpopOptions } from './http/dpop-options.ts';
import { openExchange } from './open-exchange.ts';
import { openKeyStore } from './open-key-store.ts';
import { openRevocation } from './open-revocation.ts';
import type { Log } from './process/log.ts';
import type { SidecarParts } from './process/sidecar.ts';

interface OpenValidator {
  readonly validator: JudgingValidator;
  /** The JWT that the API gets in place of an opaque token; absent: every token goes as it came. */
  readonly upstreamToken: Validator['upstreamToken'] | undefined;
  /** Absent without a denylist; closed by the caller. */
  readonly revocation: OpenRedisDenylist | undefined;
}

const NOTHING_CONFIGURED: OpenValidator = {
  validator: UNCONFIGURED_VALIDATOR,
  upstreamToken: undefined,
  revocation: undefined,
};

/**
 * Creates a validator that asks the denylist of the plan, if it names one. Without `legacy` no token can be judged; while a
 * side is to be found, the census lists the accepted ones, too.
 * @throws {@link ConfigError} when its options or the denylist's URL cannot be used.
 */
export async function openValidator(
  { plan, settings, flags, log, now, environment, stateFolder }: SidecarParts,
  census: Census,
): Promise<OpenValidator> {
  const { legacy, target } = plan;
  if (legacy === undefined) return NOTHING_CONFIGURED;
  const options = {
    ...validatorOptions({ ...plan, legacy }, environment),
    acceptance: acceptanceSwitch(flags),
    // Only a sidecar that enforces refuses anything.
    ...(enforces(settings) && { brownout: brownoutSwitch(flags), onBrownoutStopped: logStopped(log) }),
    dpop: dpopOptions(settings),
    now,
    ...(stateFolder !== undefined && { keyStore: openKeyStore(stateFolder, log) }),
  };
  const exchange = openExchange({ legacy, target }, settings, environment, now);
  const revocation = await openRevocation(plan, now);
  try {
    const validator = createValidator({
      ...options,
      ...(exchange !== undefined && { exchange }),
      ...(revocation !== undefined && { isRevoked: revocation.isRevoked }),
    });
    return {
      validator: withCensus(validator, census, target === undefined ? 'all' : 'rejected'),
      upstreamToken: exchange === undefined ? undefined : validator.upstreamToken,
      revocation,
    };
  } catch (error) {
    revocation?.close();
    throw error;
  }
}

/** Whether a request waits for its judgement. */
export function enforces({ mode, judge }: Pick<SidecarPlan, 'mode' | 'judge'>): boolean {
  return mode === 'forward-auth' || judge === 'enforce';
}

function logStopped(log: Log): (brownout: Brownout) => void {
  return ({ percent, untilMs }) =>
    log.warn(
      { event: 'brownout_stopped', percent, until: formatInstant(untilMs) },
      'this sidecar stopped the brownout: too large a share of its requests was concerned',
    );
}
