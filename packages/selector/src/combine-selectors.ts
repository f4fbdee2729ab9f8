import { ConfigError, type Selection, type Side } from '@crossfade/core';
import { combinationProblems } from './combination-problems.ts';
import { leastAdvanced, mergeSelections, uniteParameters } from './merge-selections.ts';
import type { RefreshableSession, RefreshSelection, SelectionRequest, Selector } from './selector.ts';

/** From the strongest: what the whole session does if one migration does it. */
const ACTIONS: readonly RefreshSelection['action'][] = ['reauthenticate', 'retarget', 'refresh'];

/**
 * Combines the selectors of several migrations for one login, such as from a tenant's default audience to one audience an
 * API. Each migration keeps its switch, its salt and its position; the request asks for all of them at once: scope values
 * united, `resource` repeated (RFC 8707 §2). Combinations can be combined.
 * @throws {@link ConfigError} when the provider cannot be asked for all of them in one request.
 * @example
 * ```ts
 * const selector = combineSelectors([createSelector(orders), createSelector(billing)]);
 * const { parameters } = selector.select({ key: userId });
 * ```
 */
export function combineSelectors(selectors: readonly Selector[]): Selector {
  const problems = combinationProblems(selectors);
  const first = selectors?.[0];
  if (problems.length > 0 || first === undefined) throw new ConfigError('combined selectors', problems);
  if (selectors.length === 1) return first;

  function select(request: SelectionRequest): Selection {
    return mergeSelections(byMigration(selectors, (selector) => selector.select(request)));
  }

  function selectForRefresh(session: RefreshableSession): RefreshSelection {
    const parts = byMigration(selectors, (selector) => selector.selectForRefresh(session));
    return mergeRefreshes(parts);
  }

  return {
    ...(first.dialect !== undefined && { dialect: first.dialect }),
    migrations: selectors.flatMap(({ migrations }) => migrations),
    select,
    selectForRefresh,
  };
}

function mergeRefreshes(parts: Readonly<Record<string, RefreshSelection>>): RefreshSelection {
  const refreshes = Object.values(parts);
  const action = ACTIONS.find((known) => refreshes.some((refresh) => refresh.action === known)) ?? 'refresh';
  const { side } = leastAdvanced(refreshes);
  const { reason } = leastAdvanced(refreshes.filter((refresh) => refresh.action === action));
  return { action, side, parameters: uniteParameters(refreshes.map(({ parameters }) => parameters)), reason, parts };
}

/** What each migration says, by its salt. A combination says what each of its migrations does. */
function byMigration<Part extends { readonly side: Side; readonly parts?: Readonly<Record<string, Part>> }>(
  selectors: readonly Selector[],
  ask: (selector: Selector) => Part,
): Readonly<Record<string, Part>> {
  return Object.fromEntries(
    selectors.flatMap((selector) => {
      const part = ask(selector);
      return Object.entries(part.parts ?? { [selector.migrations[0]?.salt ?? '']: part });
    }),
  );
}
