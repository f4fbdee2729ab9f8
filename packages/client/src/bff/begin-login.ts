import { randomBytes } from 'node:crypto';
import type { LoginRequest } from '../login/browser-login.ts';
import type { BffContext } from './bff-context.ts';
import type { PendingRecord } from './cookies/pending-logins.ts';
import { seeOther } from './http/responses.ts';

const DEVICE_COOKIE = 'device';
/** The longest that browsers keep a cookie. */
const DEVICE_SECONDS = 400 * 86_400;
const DEVICE = /^[\w-]{22}$/;

/** Starts a login: keeps it as pending, and sends the browser to the provider. */
export async function beginLogin(
  request: Request,
  asked: LoginRequest,
  rest: Omit<PendingRecord, 'pending'>,
  { login, pendingLogins }: Pick<BffContext, 'login' | 'pendingLogins'>,
  cookies: readonly string[] = [],
): Promise<Response> {
  const { url, pending } = await login.start(asked);
  const kept = await pendingLogins.add(request, { pending, ...rest });
  return seeOther(url.href, [...kept, ...cookies]);
}

/** The key of the selector for a browser, and the cookie that keeps it. */
export function selectorKey(
  request: Request,
  { hooks, cookies }: Pick<BffContext, 'hooks' | 'cookies'>,
): { readonly key: string | undefined; readonly cookies: readonly string[] } {
  if (hooks.key !== undefined) return { key: hooks.key(request), cookies: [] };
  const known = cookies.read(request, DEVICE_COOKIE);
  const key = known !== undefined && DEVICE.test(known) ? known : randomBytes(16).toString('base64url');
  return { key, cookies: [cookies.set(DEVICE_COOKIE, key, DEVICE_SECONDS)] };
}
