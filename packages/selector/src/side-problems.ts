import { isScopeToken, type Problem, type Side } from '@crossfade/core';
import type { Dialect, SelectableSide } from './dialects/dialect.ts';
import { dialectRules, requestParameters } from './dialects/dialect-rules.ts';

/** Lists every problem of the two sides: of each alone, of each at its provider, and of the two together. */
export function sideProblems(
  legacy: SelectableSide | undefined,
  target: SelectableSide | undefined,
  dialect: Dialect | undefined,
): readonly Problem[] {
  const found = [...problemsOf('legacy', legacy, dialect), ...problemsOf('target', target, dialect)];
  if (found.length > 0 || legacy === undefined || target === undefined) return found;
  const together = dialectRules(dialect).pairProblems(legacy, target);
  if (together.length > 0 || !areTheSameRequest(legacy, target, dialect)) return together;
  return [{ path: 'target', message: 'must differ from legacy: give another scope, or a resource' }];
}

function problemsOf(name: Side, side: SelectableSide | undefined, dialect: Dialect | undefined): Problem[] {
  if (typeof side !== 'object' || side === null) {
    return [{ path: name, message: 'is required: give the side with its scope, or a plan with both sides' }];
  }
  const malformed = malformations(side);
  const problems = malformed.length > 0 ? malformed : dialectRules(dialect).problems(side);
  return problems.map(({ path, message }) => ({ path: `${name}.${path}`, message }));
}

const ABSOLUTE_URI = /^[a-z][a-z0-9+.-]*:[^\s#]+$/i;

function malformations({ scope, resource }: SelectableSide): Problem[] {
  const found: Problem[] = [];
  if (typeof scope !== 'string' || !isScope(scope)) {
    found.push({ path: 'scope', message: 'must be scope values with one space between them, RFC 6749 §3.3' });
  }
  if (resource !== undefined && (typeof resource !== 'string' || !ABSOLUTE_URI.test(resource))) {
    found.push({ path: 'resource', message: 'must be an absolute URI without a fragment, RFC 8707 §2' });
  }
  return found;
}

function isScope(scope: string): boolean {
  return scope === '' || scope.split(' ').every(isScopeToken);
}

function areTheSameRequest(legacy: SelectableSide, target: SelectableSide, dialect: Dialect | undefined): boolean {
  if (legacy.issuer !== target.issuer) return false;
  return JSON.stringify(requestParameters(legacy, dialect)) === JSON.stringify(requestParameters(target, dialect));
}
