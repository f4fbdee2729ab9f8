import type { AcceptedJudgement } from '@crossfade/core';

/** RFC 9110 §5.5 without obs-text: what every server reads the same way. */
const PRINTABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

type Identity = Pick<AcceptedJudgement, 'audience' | 'subject' | 'clientId' | 'scope'>;

/** By the claims, which are the same object at each judgement of a remembered token. */
const told = new WeakMap<AcceptedJudgement['claims'], { readonly of: Identity; readonly headers: readonly string[] }>();

/**
 * The verified identity of a request, as `crossfade-*` headers: names and values in turn. What the token does not
 * say, or what is not printable ASCII, is left out rather than altered.
 */
export function identityHeaders(judgement: AcceptedJudgement): readonly string[] {
  const before = told.get(judgement.claims);
  if (before !== undefined && areSame(before.of, judgement)) return before.headers;
  const headers = headersOf(judgement);
  const { audience, subject, clientId, scope } = judgement;
  told.set(judgement.claims, { of: { audience, subject, clientId, scope }, headers });
  return headers;
}

function areSame(one: Identity, other: Identity): boolean {
  return (
    one.audience === other.audience &&
    one.subject === other.subject &&
    one.clientId === other.clientId &&
    one.scope === other.scope
  );
}

function headersOf({ audience, subject, clientId, scope }: Identity): readonly string[] {
  const fields = ['crossfade-audience', audience];
  tell(fields, 'crossfade-subject', subject);
  tell(fields, 'crossfade-client', clientId);
  tell(fields, 'crossfade-scope', scope.join(' '));
  return fields;
}

function tell(fields: string[], name: string, value: string | undefined): void {
  if (value !== undefined && PRINTABLE.test(value)) fields.push(name, value);
}
