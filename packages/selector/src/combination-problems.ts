import { type Problem, SIDES, type Side } from '@crossfade/core';
import type { SelectableSide } from './dialects/dialect.ts';
import { dialectRules, requestParameters } from './dialects/dialect-rules.ts';
import type { SelectableMigration, Selector } from './selector.ts';

/** A migration, where its problems are reported. */
interface Member extends SelectableMigration {
  readonly path: string;
}

/** Lists everything that keeps selectors from sharing one request to one provider. */
export function combinationProblems(selectors: unknown): readonly Problem[] {
  if (!Array.isArray(selectors) || selectors.length === 0) {
    return [{ path: 'selectors', message: 'must be a list of selectors, at least one' }];
  }
  const strangers = selectors.flatMap((selector: unknown, index) => (isSelector(selector) ? [] : [index]));
  if (strangers.length > 0) {
    return strangers.map((index) => ({
      path: `selectors[${index}]`,
      message: 'must be a selector: createSelector creates one',
    }));
  }
  const members = (selectors as readonly Selector[]).flatMap(({ migrations }, index) =>
    migrations.map((migration): Member => ({ ...migration, path: `selectors[${index}]` })),
  );
  return members.flatMap((member, index) => problemsOf(member, members.slice(0, index)));
}

/** Reports a member once, against the first earlier one that it does not go together with. */
function problemsOf(member: Member, earlier: readonly Member[]): Problem[] {
  for (const other of earlier) {
    const problem = problemOf(member, other);
    if (problem !== undefined) return [problem];
  }
  return [];
}

function problemOf(member: Member, other: Member): Problem | undefined {
  if (member.salt === other.salt) {
    const message = `must differ from that of ${other.path}: each migration has a salt of its own`;
    return { path: `${member.path}.salt`, message };
  }
  if (member.dialect !== other.dialect) {
    const message = `must be that of ${other.path}: one login goes to one provider`;
    return { path: `${member.path}.dialect`, message };
  }
  for (const side of SIDES) {
    for (const otherSide of SIDES) {
      const why = conflict(member, side, other, otherSide);
      if (why === undefined) continue;
      const message = `cannot be requested together with ${other.path}.${otherSide}: ${why}`;
      return { path: `${member.path}.${side}`, message };
    }
  }
  return undefined;
}

/** Says why no request can ask for both sides. Any two can meet: each migration moves at its own pace. */
function conflict(member: Member, side: Side, other: Member, otherSide: Side): string | undefined {
  const [one, two] = [member.sides[side], other.sides[otherSide]];
  if (!haveOneIssuer(one, two)) return 'they have different issuers, and one login goes to one: log in at each';
  const why = dialectRules(member.dialect).conflict?.(one, two);
  if (why !== undefined) return why;
  const scopes = [one, two].map((asked) => requestParameters(asked, member.dialect).scope ?? '');
  if (scopes.filter((scope) => scope === '').length !== 1) return undefined;
  return "one has no scope, which requests the provider's default, and a request with a scope loses it: name its scope";
}

function haveOneIssuer(one: SelectableSide, two: SelectableSide): boolean {
  const [names, others] = [namesOf(one), namesOf(two)];
  return names.length === 0 || others.length === 0 || names.some((name) => others.includes(name));
}

/** Every name of the side's issuer; none if the side states no issuer. */
function namesOf({ issuer, issuers }: SelectableSide): readonly string[] {
  return issuers ?? (issuer === undefined ? [] : [issuer]);
}

function isSelector(value: unknown): value is Selector {
  return typeof value === 'object' && value !== null && Array.isArray((value as Partial<Selector>).migrations);
}
