import { ConfigError, type IssuanceSwitch, type Problem, SIDES, type Side } from '@crossfade/core';
import { DIALECTS, type Dialect, type SelectableSide } from './dialects/dialect.ts';
import { REFRESH_CAPABILITIES, type RefreshCapability, type SelectorOptions } from './selector.ts';
import { sideProblems } from './side-problems.ts';

/** The validated options of a selector, with defaults. */
export interface SelectorSetup {
  readonly sides: Readonly<Record<Side, SelectableSide>>;
  readonly salt: string;
  readonly issuance: IssuanceSwitch;
  readonly forced: ReadonlyMap<unknown, Side>;
  readonly refresh: RefreshCapability;
  readonly dialect: Dialect | undefined;
}

type Report = (path: string, message: string) => void;

/** Why a refresh cannot move a session to the other side, by provider. Sessions are kept there by default. */
const NO_RETARGET: ReadonlyMap<unknown, string> = new Map<Dialect, string>([
  ['okta', 'an Okta authorization server accepts only its own refresh tokens'],
  [
    'keycloak',
    'Keycloak drops the scope values that the login did not have, without an error, and the token is of neither side',
  ],
]);

/** @throws {@link ConfigError} with every problem. */
export function selectorSetup(options: SelectorOptions): SelectorSetup {
  const problems: Problem[] = [];
  const report: Report = (path, message) => problems.push({ path, message });
  const { issuance, dialect, forced = {} } = options;
  const plan = 'plan' in options ? options.plan : undefined;
  const legacy = 'plan' in options ? options.plan?.legacy : options.legacy;
  const target = 'plan' in options ? options.plan?.target : options.target;
  const salt = options.salt ?? plan?.migration;
  const canRetarget = plan?.legacy?.sessionLifetimeMs === 0 && !NO_RETARGET.has(dialect);
  const refresh = options.refresh ?? (canRetarget ? 'retarget' : 'keep');

  if (plan !== undefined && ('legacy' in options || 'target' in options)) {
    report('plan', 'must not be combined with legacy or target: give the plan, or the two sides');
  }
  problems.push(
    ...sideProblems(
      legacy,
      target,
      DIALECTS.find((known) => known === dialect),
    ),
  );
  if (typeof salt !== 'string' || salt === '') report('salt', 'is required: the name of the migration');
  if (typeof issuance !== 'function') report('issuance', 'is required: a function that returns the issuance switch');
  for (const [clientId, side] of Object.entries(forced)) {
    if (!isSide(side)) report(`forced.${clientId}`, 'must be legacy or target');
  }
  if (!REFRESH_CAPABILITIES.includes(refresh)) report('refresh', `must be one of ${REFRESH_CAPABILITIES.join(', ')}`);
  const whyNot = NO_RETARGET.get(dialect);
  if (whyNot !== undefined && refresh === 'retarget') report('refresh', `must not be retarget: ${whyNot}`);
  if (dialect !== undefined && !DIALECTS.includes(dialect)) report('dialect', `must be one of ${DIALECTS.join(', ')}`);
  if (problems.length > 0 || legacy === undefined || target === undefined || salt === undefined) {
    throw new ConfigError('selector', problems);
  }
  return { sides: { legacy, target }, salt, issuance, forced: new Map(Object.entries(forced)), refresh, dialect };
}

export function isSide(value: unknown): value is Side {
  return SIDES.some((side) => side === value);
}
