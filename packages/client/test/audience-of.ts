/** Reads the audience off an access token, which only a test may do: to a client the token is opaque. */
export function audienceOf(accessToken: string): unknown {
  const payload = Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString();
  return (JSON.parse(payload) as Record<string, unknown>)['aud'];
}
