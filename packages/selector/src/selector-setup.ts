import { ConfigError, type IssuanceSwitch, type Problem, SIDES, type Side } from '@crossfade/core';
import { REFRESH_CAPABILITIES, type RefreshCapability } from './refresh-capability.ts';
import { requestParameters } from './request-parameters.ts';
import type { SelectableSide, SelectorOptions } from './selector.ts';

/** The options of a selector, checked, with their defaults filled in. */
export interface SelectorSetup {
  readonly sides: Readonly<Record<Side, SelectableSide>>;
  readonly salt: string;
  readonly issuance: IssuanceSwitch;
  readonly forced: ReadonlyMap<unknown, Side>;
  readonly refresh: RefreshCapability;
}

type Report = (path: string, message: string) => void;

/** @throws {@link ConfigError} with every problem. */
export function selectorSetup(options: SelectorOptions): SelectorSetup {
  const problems: Problem[] = [];
  const report: Report = (path, message) => problems.push({ path, message });
  const { issuance, forced = {} } = options;
  const plan = 'plan' in options ? options.plan : undefined;
  const legacy = 'plan' in options ? options.plan?.legacy : options.legacy;
  const target = 'plan' in options ? options.plan?.target : options.target;
  const salt = options.salt ?? plan?.migration;
  const refresh = options.refresh ?? (plan?.legacy?.sessionLifetimeMs === 0 ? 'retarget' : 'keep');

  if (plan !== undefined && ('legacy' in options || 'target' in options)) {
    report('plan', 'must not stand beside legacy or target: give the plan, or the two sides');
  }
  checkSide('legacy', legacy, report);
  checkSide('target', target, report);
  if (typeof salt !== 'string' || salt === '') report('salt', 'is required: the name of the migration');
  if (typeof issuance !== 'function') report('issuance', 'is required: a function that returns the issuance switch');
  for (const [clientId, side] of Object.entries(forced)) {
    if (!isSide(side)) report(`forced.${clientId}`, 'must be legacy or target');
  }
  if (!REFRESH_CAPABILITIES.includes(refresh)) report('refresh', `must be one of ${REFRESH_CAPABILITIES.join(', ')}`);

  if (problems.length === 0 && legacy !== undefined && target !== undefined && areTheSameRequest(legacy, target)) {
    report('target', 'must ask for something else than legacy: another scope, or a resource');
  }
  if (problems.length > 0 || legacy === undefined || target === undefined || salt === undefined) {
    throw new ConfigError('selector', problems);
  }
  return { sides: { legacy, target }, salt, issuance, forced: new Map(Object.entries(forced)), refresh };
}

export function isSide(value: unknown): value is Side {
  return SIDES.some((side) => side === value);
}

const SCOPE = /^(?:[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*)?$/;
const ABSOLUTE_URI = /^[a-z][a-z0-9+.-]*:[^\s#]+$/i;

function checkSide(name: Side, side: SelectableSide | undefined, report: Report): void {
  if (typeof side !== 'object' || side === null) {
    report(name, 'is required: a side with its scope, unless a plan brings both');
    return;
  }
  if (typeof side.scope !== 'string' || !SCOPE.test(side.scope)) {
    report(`${name}.scope`, 'must be scope values with one space between them, RFC 6749 §3.3');
  }
  if (side.resource !== undefined && (typeof side.resource !== 'string' || !ABSOLUTE_URI.test(side.resource))) {
    report(`${name}.resource`, 'must be an absolute URI without a fragment, RFC 8707 §2');
  }
}

function areTheSameRequest(legacy: SelectableSide, target: SelectableSide): boolean {
  if (legacy.issuer !== target.issuer) return false;
  return JSON.stringify(requestParameters(legacy)) === JSON.stringify(requestParameters(target));
}
