import type { Side } from '@crossfade/core';
import type { Selector } from '@crossfade/selector';

/**
 * The side a token was minted for, as far as its granted scope tells: some providers answer a request for one side,
 * above all on refresh, with the other. Where a resource chooses the audience the scope tells nothing about it, and
 * the side that was asked for stands. Where an `audience` does (Auth0), a scope belongs to one API: a value of the
 * other side alone proves that side, as when a refresh token is not for several APIs and its audience is ignored.
 */
export function mintedSide(asked: Side, grantedScope: string | undefined, selector: Selector): Side {
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
  // A side with nothing of its own is what is left when the marks of the asked one are missing.
  return showsOther || (marks.length > 0 && otherMarks.length === 0) ? other : asked;
}

function difference(scope: string, without: string): string[] {
  const excluded = new Set(without.split(' '));
  return scope.split(' ').filter((value) => value !== '' && !excluded.has(value));
}
