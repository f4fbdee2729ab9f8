import type { MintedSide, Selection, Side } from '@crossfade/core';
import type { Selector } from '@crossfade/selector';
import type { SelectedSides } from './selected-sides.ts';

/** The side that a token was minted for, as far as its response shows. */
export interface MintedSides {
  /** `target` if every migration's is, `legacy` if one's is, else `unknown`. */
  readonly side: MintedSide;
  /** The side of each migration, by its salt; absent unless selectors are combined. */
  readonly sides?: Readonly<Record<string, MintedSide>>;
}

/**
 * Returns the sides a token was minted for, as far as its granted scope shows: some providers respond to a request for
 * one side with a token of the other, especially on refresh.
 *
 * Where a scope chooses, a response without a scope was granted as requested (RFC 6749 §5.1). Where a `resource` or an `audience`
 * (Auth0) chooses, the scope only proves: a value of the requested side alone shows that side, one of the other side alone, or
 * its very scope, shows the other, and anything else shows nothing. Nothing is called target without a value of target.
 */
export function issuedSides(asked: SelectedSides, grantedScope: string | undefined, selector: Selector): MintedSides {
  const legacy = selector.select({ side: 'legacy' });
  const target = selector.select({ side: 'target' });
  const { side, sides } = asked;
  if (sides === undefined) return { side: issuedSide(side, grantedScope, { legacy, target }) };
  const minted = Object.fromEntries(
    Object.entries(sides).map(([salt, askedSide]): [string, MintedSide] => {
      const [onLegacy, onTarget] = [legacy.parts?.[salt], target.parts?.[salt]];
      if (onLegacy === undefined || onTarget === undefined) return [salt, askedSide];
      return [salt, issuedSide(askedSide, grantedScope, { legacy: onLegacy, target: onTarget })];
    }),
  );
  const all = Object.values(minted);
  const whole = all.includes('legacy') ? 'legacy' : all.includes('unknown') ? 'unknown' : 'target';
  return { side: whole, sides: minted };
}

function issuedSide(
  asked: Side,
  grantedScope: string | undefined,
  selections: Readonly<Record<Side, Selection>>,
): MintedSide {
  const other: Side = asked === 'legacy' ? 'target' : 'legacy';
  const wanted = selections[asked];
  const unwanted = selections[other];
  const { isByResource, isByAudience } = chosenBy(wanted, unwanted);
  if (grantedScope === undefined) return isByResource ? 'unknown' : asked;
  const granted = new Set(grantedScope.split(' '));
  const marks = difference(wanted.scope, unwanted.scope);
  const otherMarks = difference(unwanted.scope, wanted.scope);
  const showsAsked = marks.some((value) => granted.has(value));
  const showsOther = otherMarks.some((value) => granted.has(value));
  if (isByResource || isByAudience) {
    if (showsAsked !== showsOther) return showsAsked ? asked : other;
    if (asked === 'legacy' && marks.length === 0 && !showsOther && isByAudience) return asked;
    // At Auth0 a scope without the values of target may also be that of a user who lacks the permissions.
    const isOther = isByResource && isSame(grantedScope, unwanted.scope) && !isSame(grantedScope, wanted.scope);
    return isOther ? other : 'unknown';
  }
  if (showsAsked) return asked;
  // A side without scope values of its own is recognized by the missing values of the requested side.
  if (showsOther || (marks.length > 0 && otherMarks.length === 0)) return other;
  // Keycloak drops the scope of target at a refresh of a legacy session, and that token is of neither side.
  return asked === 'target' && marks.length > 0 ? 'unknown' : asked;
}

function chosenBy(one: Selection, other: Selection) {
  const isBy = (name: 'audience' | 'resource') => name in one.parameters || name in other.parameters;
  return { isByResource: isBy('resource'), isByAudience: isBy('audience') };
}

function isSame(scope: string, other: string): boolean {
  return difference(scope, other).length === 0 && difference(other, scope).length === 0;
}

/** Whether a token response proves that a migration got another side than was asked for. */
export function isProvenOther(asked: SelectedSides, minted: MintedSides): boolean {
  const { sides } = asked;
  if (sides === undefined) return isOther(asked.side, minted.side);
  return Object.entries(minted.sides ?? {}).some(([salt, side]) => isOther(sides[salt] ?? 'legacy', side));
}

function isOther(asked: Side, minted: MintedSide): boolean {
  return minted !== 'unknown' && minted !== asked;
}

function difference(scope: string, without: string): string[] {
  const excluded = new Set(without.split(' '));
  return scope.split(' ').filter((value) => value !== '' && !excluded.has(value));
}
