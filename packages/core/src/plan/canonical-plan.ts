import { SIDES } from '../vocabulary/side.ts';
import type { ObservationPlan, SidePlan } from './plan.ts';

/** What decides how a token is judged and how long it may live; where flags, meters and secrets are differs by place. */
const OF_SIDE = [
  'audience',
  'audiences',
  'clientIds',
  'withoutAudience',
  'anyAudience',
  'keys',
  'algorithms',
  'typ',
  'tokenLifetimeMs',
  'sessionLifetimeMs',
  'senderConstrained',
  'claims',
  'foreignAudiences',
] as const satisfies readonly (keyof SidePlan)[];

/** Returns canonical JSON of what every reader of a plan must agree on: equal texts judge tokens alike. */
export function canonicalPlan(
  plan: Pick<ObservationPlan, 'migration' | 'legacy' | 'target' | 'clients' | 'clockToleranceMs'>,
): string {
  const sides = SIDES.map((side) => [side, plan[side] === undefined ? null : agreedOf(plan[side])]);
  const { migration, clients, clockToleranceMs } = plan;
  return JSON.stringify(sorted({ migration, clients, clockToleranceMs, ...Object.fromEntries(sides) }));
}

function agreedOf(side: SidePlan): object {
  const agreed = OF_SIDE.flatMap((name) => (side[name] === undefined ? [] : [[name, side[name]]]));
  return { ...Object.fromEntries(agreed), issuers: side.issuers ?? [side.issuer] };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, part]) => [name, sorted(part)]),
  );
}
