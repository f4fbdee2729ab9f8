import type { Side } from '@crossfade/core';
import type { Selector } from '@crossfade/selector';

/**
 * Returns the side a token was issued for, as far as its granted scope shows: some providers respond to a request for
 * one side with a token of the other, especially on refresh. If a resource chooses the audience, the scope shows
 * nothing, and the requested side is returned. If an `audience` does (Auth0), each scope value belongs to one API: a value
 * of the other side proves that side, for example when a refresh token is for one API and its audience is ignored.
 */
export function issuedSide(asked: Side, grantedScope: string | undefined, selector: Selector): Side {
  const other: Side = asked === 'legacy' ? 'target' : 'legacy';
  const wanted = selector.select({ side: asked });
  const unwanted = selector.select({ side: other });
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
