import type { AcceptedJudgement } from '@crossfade/core';

/** RFC 9110 §5.5 without obs-text: every server reads this the same way. */
const PRINTABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

type Identity = Pick<AcceptedJudgement, 'audience' | 'subject' | 'clientId' | 'scope'>;

/** By claims: one object for all judgements of a cached token. */
const cache = new WeakMap<
  AcceptedJudgement['claims'],
  { readonly identity: Identity; readonly headers: readonly string[] }
>();

/**
 * The verified identity of a request, as `crossfade-*` headers: names and values in turn. A value that is missing in
 * the token, or is not printable ASCII, is left out, never altered.
 */
export function identityHeaders(judgement: AcceptedJudgement): readonly string[] {
  const cached = cache.get(judgement.claims);
  if (cached !== undefined && areSame(cached.identity, judgement)) return cached.headers;
  const headers = headersOf(judgement);
  const { audience, subject, clientId, scope } = judgement;
  cache.set(judgement.claims, { identity: { audience, subject, clientId, scope }, headers });
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
  addField(fields, 'crossfade-subject', subject);
  addField(fields, 'crossfade-client', clientId);
  addField(fields, 'crossfade-scope', scope.join(' '));
  return fields;
}

function addField(fields: string[], name: string, value: string | undefined): void {
  if (value !== undefined && PRINTABLE.test(value)) fields.push(name, value);
}
