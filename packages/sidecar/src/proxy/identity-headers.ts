import type { AcceptedJudgement } from '@crossfade/core';

/** RFC 9110 §5.5 without obs-text: what every server reads the same way. */
const PRINTABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/**
 * The verified identity of a request, as `crossfade-*` headers: names and values in turn. What the token does not
 * say, or what is not printable ASCII, is left out rather than altered.
 */
export function identityHeaders({ audience, subject, clientId, scope }: AcceptedJudgement): string[] {
  const fields = ['crossfade-audience', audience];
  tell(fields, 'crossfade-subject', subject);
  tell(fields, 'crossfade-client', clientId);
  tell(fields, 'crossfade-scope', scope.join(' '));
  return fields;
}

function tell(fields: string[], name: string, value: string | undefined): void {
  if (value !== undefined && PRINTABLE.test(value)) fields.push(name, value);
}
