import type { IntrospectionSettings } from './introspection-options.ts';

/** The media type of signed responses (RFC 9701 §5). */
export const SIGNED_RESPONSE = 'application/token-introspection+jwt';

type RequestSettings = Pick<IntrospectionSettings, 'clientId' | 'clientSecret' | 'authentication' | 'response'>;

/** Creates the request to introspect a token (RFC 7662 §2.1). The token is in the body, because URLs end up in logs. */
export function introspectionRequest(token: string, settings: RequestSettings): RequestInit {
  const accept = settings.response === 'jwt' ? SIGNED_RESPONSE : 'application/json';
  return authenticatedPost({ token, token_type_hint: 'access_token' }, settings, accept);
}

/** Creates a POST of a form by an authenticated client (RFC 6749 §2.3.1). */
export function authenticatedPost(
  members: Readonly<Record<string, string>>,
  {
    clientId,
    clientSecret,
    authentication,
  }: Pick<IntrospectionSettings, 'clientId' | 'clientSecret' | 'authentication'>,
  accept: string,
): RequestInit {
  const form = new URLSearchParams(members);
  // The type is set explicitly, because fetch would add a charset, which this type does not have.
  const headers = new Headers({ accept, 'content-type': 'application/x-www-form-urlencoded' });
  if (authentication === 'client_secret_post') {
    form.set('client_id', clientId);
    form.set('client_secret', clientSecret);
  } else {
    const credentials = `${formEncode(clientId)}:${formEncode(clientSecret)}`;
    headers.set('authorization', `Basic ${Buffer.from(credentials).toString('base64')}`);
  }
  // A redirect would send the token to an unknown server.
  return { method: 'POST', redirect: 'manual', headers, body: form.toString() };
}

/** Encodes as `application/x-www-form-urlencoded`, which RFC 6749 §2.3.1 requires before Basic's own encoding. */
function formEncode(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}
