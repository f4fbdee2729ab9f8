/** What is wrong with a challenge to a request without a token; `undefined` if nothing is. @see RFC 6750 §3 */
export function challengeFlaw(challenge: string): string | undefined {
  if (challenge === '') return 'has no WWW-Authenticate';
  if (!/(?:^|,)\s*(?:Bearer|DPoP)\b/i.test(challenge)) return 'asks for another scheme than Bearer';
  if (/\berror\s*=/.test(challenge)) return 'has an error, though the request had no token (RFC 6750 §3.1)';
  return undefined;
}

/** What is wrong with a challenge to a token that is refused; `undefined` if nothing is. @see RFC 6750 §3.1 */
export function refusalFlaw(challenge: string): string | undefined {
  if (challenge === '') return 'has no WWW-Authenticate';
  if (!/(?:^|,)\s*(?:Bearer|DPoP)\b/i.test(challenge)) return 'asks for another scheme than Bearer';
  if (!/\berror\s*=\s*"?invalid_token\b/.test(challenge)) return 'does not say error="invalid_token" (RFC 6750 §3.1)';
  return undefined;
}
