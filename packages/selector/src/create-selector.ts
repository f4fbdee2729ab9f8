import type { Selection, Side } from '@crossfade/core';
import { decideSide, knownPosition } from './decide-side.ts';
import { requestParameters } from './dialects/dialect-rules.ts';
import type { RefreshableSession, RefreshSelection, SelectionRequest, Selector, SelectorOptions } from './selector.ts';
import { isSide, selectorSetup } from './selector-setup.ts';

const UNKNOWN_POSITION = { revision: null, stale: true };
const NO_POSITION = { revision: null, stale: false };

/**
 * Creates a selector.
 * @throws {@link ConfigError} with every problem of the options.
 * @example
 * ```ts
 * const selector = createSelector({ plan, issuance: issuanceSwitch(source) });
 * const { parameters } = selector.select({ key: userId });
 * ```
 */
export function createSelector(options: SelectorOptions): Selector {
  const { sides, salt, issuance, forced, refresh, dialect } = selectorSetup(options);
  const parameters = {
    legacy: requestParameters(sides.legacy, dialect),
    target: requestParameters(sides.target, dialect),
  };

  function selection(side: Side, rest: Pick<Selection, 'reason' | 'stale' | 'revision'>): Selection {
    return { side, scope: parameters[side].scope ?? '', parameters: parameters[side], ...rest };
  }

  function select({ key, clientId, side, sides: forcedSides }: SelectionRequest): Selection {
    const forcedSide = [side, forcedSides?.[salt], forced.get(clientId)].find(isSide);
    if (forcedSide !== undefined) return selection(forcedSide, { reason: 'forced', ...NO_POSITION });
    const position = knownPosition(issuance);
    if (position === undefined) return selection('legacy', { reason: 'default', ...UNKNOWN_POSITION });
    const { revision, stale } = position;
    const decision = decideSide(position, salt, key);
    return selection(decision.side, { reason: decision.reason, stale, revision });
  }

  function selectForRefresh(session: RefreshableSession): RefreshSelection {
    const { side, sides: ownSides, key, clientId, forced: forcedSide } = session;
    const own: Side = (ownSides == null ? side : ownSides[salt]) === 'target' ? 'target' : 'legacy';
    const selected = select({ key, clientId, side: forcedSide });
    const moves = selected.side !== own && !selected.stale && selected.reason !== 'no_key' && refresh !== 'keep';
    const asked = moves ? selected.side : own;
    return { action: moves ? refresh : 'refresh', side: asked, parameters: parameters[asked], reason: selected.reason };
  }

  return {
    ...(dialect !== undefined && { dialect }),
    migrations: [{ salt, sides, ...(dialect !== undefined && { dialect }) }],
    select: (request) => select(request ?? {}),
    selectForRefresh: (session) => selectForRefresh(session ?? {}),
  };
}
