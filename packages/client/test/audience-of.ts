/** Reads the audience of an access token. Only tests may do so: to a client the token is opaque. */
export function audienceOf(accessToken: string): unknown {
  const payload = Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString();
  return (JSON.parse(payload) as Record<string, unknown>)['aud'];
}
