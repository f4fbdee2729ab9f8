import type { Selection, Side } from '@crossfade/core';
import type { Selector } from '@crossfade/selector';
import { type SelectedSides, wholeOf } from './selected-sides.ts';

/**
 * Returns the sides a token was issued for, as far as its granted scope shows: some providers respond to a request for
 * one side with a token of the other, especially on refresh. If a resource chooses the audience, the scope shows
 * nothing, and the requested side is returned. If an `audience` does (Auth0), each scope value belongs to one API: a value
 * of the other side proves that side, for example when a refresh token is for one API and its audience is ignored.
 */
export function issuedSides(asked: SelectedSides, grantedScope: string | undefined, selector: Selector): SelectedSides {
  const legacy = selector.select({ side: 'legacy' });
  const target = selector.select({ side: 'target' });
  const { side, sides } = asked;
  if (sides === undefined) return { side: issuedSide(side, grantedScope, { legacy, target }) };
  return wholeOf(
    Object.fromEntries(
      Object.entries(sides).map(([salt, askedSide]) => {
        const [onLegacy, onTarget] = [legacy.parts?.[salt], target.parts?.[salt]];
        if (onLegacy === undefined || onTarget === undefined) return [salt, askedSide];
        return [salt, issuedSide(askedSide, grantedScope, { legacy: onLegacy, target: onTarget })];
      }),
    ),
  );
}

function issuedSide(
  asked: Side,
  grantedScope: string | undefined,
  selections: Readonly<Record<Side, Selection>>,
): Side {
  const other: Side = asked === 'legacy' ? 'target' : 'legacy';
  const wanted = selections[asked];
  const unwanted = selections[other];
  if (grantedScope === undefined || 'resource' in wanted.parameters || 'resource' in unwanted.parameters) return asked;
  const granted = new Set(grantedScope.split(' '));
  const marks = difference(wanted.scope, unwanted.scope);
  if (marks.some((value) => granted.has(value))) return asked;
  const otherMarks = difference(unwanted.scope, wanted.scope);
  const showsOther = otherMarks.some((value) => granted.has(value));
  if ('audience' in wanted.parameters) return showsOther ? other : asked;
  // A side without scope values of its own is recognized by the missing values of the requested side.
  return showsOther || (marks.length > 0 && otherMarks.length === 0) ? other : asked;
}

function difference(scope: string, without: string): string[] {
  const excluded = new Set(without.split(' '));
  return scope.split(' ').filter((value) => value !== '' && !excluded.has(value));
}
