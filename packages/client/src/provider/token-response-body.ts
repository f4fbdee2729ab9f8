import { decodeJwt } from 'jose';
import { z } from 'zod';

const TOLERANCE_SECONDS = 30;

/**
 * What providers send at their token endpoints, made what openid-client accepts: a member that is optional is left out where it
 * is unusable, as `null`, an empty text or a lifetime of no number. Leaves what is required, and members that it does not know, as
 * they are.
 * @see RFC 6749 §5.1, OIDC Core §3.1.3.3
 */
const TOKEN_RESPONSE = z
  .looseObject({})
  .transform(({ token_type, expires_in, scope, refresh_token, id_token, ...rest }) => ({
    ...rest,
    token_type: token_type || 'Bearer',
    expires_in: lifetimeSeconds(expires_in),
    scope: scopeText(scope),
    refresh_token: nonEmpty(refresh_token),
    id_token: nonEmpty(id_token),
  }));

/** A provider that refuses a request with status 200, as GitHub and Slack do. */
const REFUSAL = z.looseObject({ error: z.string().min(1), access_token: z.never().optional() });

/** Has the ID token of a refresh that is left out. It is good for one thing: one of another user is no refresh of this session. */
export const LEFT_OUT_ID_TOKEN = 'crossfade_left_out_id_token';

/** Returns a token response in the form that openid-client accepts. Whatever is no token response stays as it is. */
export async function acceptableTokenResponse(response: Response, grantType: string): Promise<Response> {
  if (response.status !== 200) return response;
  const text = await response.text();
  const body = isForm(response) ? Object.fromEntries(new URLSearchParams(text)) : parsedJson(text);
  const headers = new Headers(response.headers);
  if (REFUSAL.safeParse(body).success) return new Response(text, { status: 400, headers });
  const acceptable = TOKEN_RESPONSE.safeParse(body);
  if (!acceptable.success) return new Response(text, { status: 200, headers });
  headers.set('content-type', 'application/json');
  const { id_token, ...others } = acceptable.data;
  const isKept = grantType !== 'refresh_token' || isCurrent(id_token);
  const kept = isKept ? acceptable.data : { ...others, [LEFT_OUT_ID_TOKEN]: id_token };
  return new Response(JSON.stringify(kept), { status: 200, headers });
}

/**
 * Whether the ID token of a refresh is one that is valid now. Some providers repeat that of the login, which has expired. The
 * refresh token is spent by then: the session must not end for an ID token that a refresh need not have (OIDC Core §12.2).
 */
function isCurrent(idToken: string | undefined): boolean {
  if (idToken === undefined) return true;
  try {
    const { exp, iat, nbf = 0 } = decodeJwt(idToken);
    // The clock by which openid-client checks them.
    const nowSeconds = Date.now() / 1000;
    if (exp === undefined || iat === undefined) return false;
    return exp > nowSeconds - TOLERANCE_SECONDS && nbf <= nowSeconds + TOLERANCE_SECONDS;
  } catch {
    return false;
  }
}

function isForm({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('application/x-www-form-urlencoded') ?? false;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

/** Whole seconds. Zero and less say nothing: no provider issues expired tokens, and some mean that theirs do not expire. */
function lifetimeSeconds(value: unknown): number | undefined {
  const isNumeric = typeof value === 'number' || (typeof value === 'string' && /^\s*\d+(?:\.\d+)?\s*$/.test(value));
  const seconds = isNumeric ? Math.floor(Number(value)) : Number.NaN;
  return Number.isSafeInteger(seconds) && seconds > 0 ? seconds : undefined;
}

/** Values with one space between them. Without a value there is no scope: it was granted as requested. */
function scopeText(value: unknown): string | undefined {
  const values = Array.isArray(value) ? value : [value];
  const scope = values.filter((one) => typeof one === 'string').flatMap((one) => one.split(/\s+/));
  return nonEmpty(scope.filter((one) => one !== '').join(' '));
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
