import type { RequestParameters, Selection, SelectionReason, Side } from '@crossfade/core';
import { scopeValues } from './dialects/dialect.ts';

/** From the least advanced to the most: first what an operator or a caller can fix, then what the switch says. */
const LEAST_ADVANCED_FIRST: readonly SelectionReason[] = [
  'default',
  'no_key',
  'stale',
  'disabled',
  'split',
  'full',
  'forced',
];

/**
 * Combines the selections of several migrations into one, for one login. The side is `target` only if all are; the reason
 * is that of the least advanced one: `legacy` before `target`, then `default no_key stale disabled split full forced`.
 * @param parts by the salt of each migration, at least one, in the order in which scopes and resources are sent.
 */
export function mergeSelections(parts: Readonly<Record<string, Selection>>): Selection {
  const selections = Object.values(parts);
  const parameters = uniteParameters(selections.map((selection) => selection.parameters));
  const { side, reason } = leastAdvanced(selections);
  return {
    side,
    scope: parameters.scope ?? '',
    parameters,
    reason,
    stale: selections.some(({ stale }) => stale),
    revision: joinRevisions(selections),
    parts,
  };
}

/** The parameters that ask for everything at once: scope values united, each resource once, the order kept. */
export function uniteParameters(all: readonly RequestParameters[]): RequestParameters {
  const scope = [...new Set(all.flatMap((parameters) => scopeValues(parameters.scope ?? '')))].join(' ');
  const resources = [...new Set(all.flatMap(({ resource = [] }) => resource))];
  const audience = all.find((parameters) => parameters.audience !== undefined)?.audience;
  const [only] = resources;
  return Object.freeze({
    ...(scope !== '' && { scope }),
    ...(audience !== undefined && { audience }),
    ...(only !== undefined && { resource: resources.length === 1 ? only : Object.freeze(resources) }),
  });
}

/** Returns the part that explains why the whole is not further. */
export function leastAdvanced<Part extends { readonly side: Side; readonly reason: SelectionReason }>(
  parts: readonly Part[],
): { readonly side: Side; readonly reason: SelectionReason } {
  const side = parts.every((part) => part.side === 'target') ? 'target' : 'legacy';
  const reasons = parts.filter((part) => part.side === side).map(({ reason }) => reason);
  return { side, reason: LEAST_ADVANCED_FIRST.find((reason) => reasons.includes(reason)) ?? 'default' };
}

function joinRevisions(selections: readonly Selection[]): string | null {
  if (selections.every(({ revision }) => revision === null)) return null;
  return selections.map(({ revision }) => revision ?? 'unknown').join('+');
}
