import type { SidecarPlan } from '../plan/plan.ts';
import type { OpenConnections } from './evidence.ts';

/**
 * States, for the operator, that connections which legacy tokens opened are still open. No reason against a close: the
 * tokens may be long gone, and every new connection needs one that is accepted.
 * @returns `undefined` if there are none, or if nothing is known.
 */
export function describeOpenConnections(
  open: OpenConnections | null | undefined,
  sidecar: Pick<SidecarPlan, 'legacyConnections'> | undefined,
): string | undefined {
  const count = open?.legacy ?? 0;
  if (count === 0) return undefined;
  const [which, them] =
    count === 1
      ? ['1 connection opened with a legacy token is', 'it']
      : [`${count} connections opened with legacy tokens are`, 'them'];
  const consequence =
    sidecar?.legacyConnections === 'end'
      ? `a close ends ${them} (sidecar.legacyConnections: end)`
      : `a close does not end ${them} (crossfade stragglers names the clients)`;
  return `${which} still open (WebSocket, gRPC or event streams): ${consequence}`;
}
