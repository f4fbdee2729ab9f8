import { formatDuration } from '../vocabulary/duration.ts';

/** Access tokens for which clients chose the target side, by what the provider's responses show. */
export interface MintCounts {
  /** How far back they were counted: to the last move of issuance, and at most `gate.silence`. */
  readonly windowMs: number;
  readonly target: number;
  /** Those whose response does not show the side. */
  readonly unknown: number;
  /** Those minted for legacy, by the service of the client; services without any may be left out. */
  readonly legacy: Readonly<Record<string, number>>;
}

/**
 * What the provider mints, as the metrics of clients tell. `uncounted`: the source has no such metrics; `unseen`: it cannot
 * have them, because it is a list of sidecars. Neither is a reason against a move. `unrecorded`: clients count, and no
 * recording rule made anything of it since the last move: that is one, because what they counted is not known.
 */
export type Minting =
  | ({ readonly kind: 'counted' } & MintCounts)
  | { readonly kind: 'unrecorded'; readonly windowMs: number }
  | { readonly kind: 'uncounted' }
  | { readonly kind: 'unseen' };

const REMEDY =
  'let it grant target to these clients (the event fell_back of @crossfade/client has its error), then roll back and advance again, because a client that fell back asks for target again at the next revision; force a client that has to stay to legacy (forced)';

/** Returns how many tokens were minted for legacy although clients chose target; 0 where that is unknown. */
export function mintedForLegacy(minting: Minting | undefined): number {
  if (minting?.kind !== 'counted') return 0;
  return Object.values(minting.legacy).reduce((sum, count) => sum + count, 0);
}

/** Describes for the operator, in one line, what the provider mints and what to do about it. */
export function describeMinting(minting: Minting): string {
  if (minting.kind === 'unseen')
    return 'unknown: sidecars do not see what the provider mints; the metrics of clients need Prometheus (gate.prometheus)';
  if (minting.kind === 'uncounted')
    return 'unknown: no client counts what the provider mints (createClientMetrics of @crossfade/client/prometheus)';
  if (minting.kind === 'unrecorded')
    return `unknown: clients count what the provider mints, and Prometheus has no crossfade:minted_legacy:increase5m of the last ${formatDuration(minting.windowMs)}: load deploy/prometheus/crossfade.rules.yml (crossfade doctor)`;
  const { target, unknown, windowMs } = minting;
  const legacy = mintedForLegacy(minting);
  const all = legacy + target + unknown;
  const when = `in the last ${formatDuration(windowMs)}`;
  if (all === 0) return `no client asked for target ${when}`;
  const asked = `${all} access token${all === 1 ? '' : 's'} for which clients chose target ${when}`;
  if (legacy > 0)
    return `${legacy} of ${asked} came for legacy (${services(minting)}): the provider refuses or ignores target: ${REMEDY}`;
  if (target > 0)
    return `${target} of ${asked} came for target${unknown === 0 ? '' : `, and the responses to ${unknown} do not show it`}`;
  return `unknown: the responses to ${asked} do not show the side: examine one token with crossfade inspect`;
}

function services({ legacy }: MintCounts): string {
  const counts = Object.entries(legacy).filter(([, count]) => count > 0);
  return counts
    .toSorted(([, one], [, other]) => other - one)
    .map(([service, count]) => `${service} ${count}`)
    .join(', ');
}
