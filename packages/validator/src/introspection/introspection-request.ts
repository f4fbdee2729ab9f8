import type { IntrospectionSettings } from './introspection-options.ts';

/** The media type of signed answers (RFC 9701 §5). */
export const SIGNED_RESPONSE = 'application/token-introspection+jwt';

type Asking = Pick<IntrospectionSettings, 'clientId' | 'clientSecret' | 'authentication' | 'response'>;

/** The request that asks about a token (RFC 7662 §2.1). The token travels in the body: URLs end up in logs. */
export function introspectionRequest(token: string, asking: Asking): RequestInit {
  const { clientId, clientSecret, authentication, response } = asking;
  const form = new URLSearchParams({ token, token_type_hint: 'access_token' });
  const headers = new Headers({
    accept: response === 'jwt' ? SIGNED_RESPONSE : 'application/json',
    // Given as text, because fetch would add a charset, which the type does not have.
    'content-type': 'application/x-www-form-urlencoded',
  });
  if (authentication === 'client_secret_post') {
    form.set('client_id', clientId);
    form.set('client_secret', clientSecret);
  } else {
    const credentials = `${formEncode(clientId)}:${formEncode(clientSecret)}`;
    headers.set('authorization', `Basic ${Buffer.from(credentials).toString('base64')}`);
  }
  // An answer from elsewhere is an answer from nobody we know, and a redirect would take the token there.
  return { method: 'POST', redirect: 'manual', headers, body: form.toString() };
}

/** `application/x-www-form-urlencoded`, which RFC 6749 §2.3.1 asks for before Basic's own encoding. */
function formEncode(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}
