const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/** Whether a text is one scope value: printable ASCII without space, quote and backslash (RFC 6749 §3.3). */
export function isScopeToken(text: string): boolean {
  return SCOPE_TOKEN.test(text);
}

/** Whether a text can stand in an `Authorization: Bearer` header: a `b64token` (RFC 6750 §2.1). */
export function isBearerToken(text: string): boolean {
  return B64TOKEN.test(text);
}
