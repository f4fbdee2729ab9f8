import { createHash } from 'node:crypto';
import type { Clock } from '@crossfade/core';
import type { OnClientEvent } from '../events/client-event.ts';
import type { BrowserLogin, LoginSession, PendingLogin } from '../login/browser-login.ts';
import { ownSides } from '../login/refresh-attempts.ts';
import type { Sessions } from '../session/sessions.ts';
import { isForward, planSilentMove, type SilentMoveContext } from './plan-silent-move.ts';

/** What a silent login needs of the sessions. */
export type SilentSessions = Pick<Sessions, 'read' | 'replace'>;

export interface SilentLoginOptions extends SilentMoveContext {
  readonly login: Pick<BrowserLogin, 'start' | 'finish'>;
  readonly sessions: SilentSessions;
  /** Whether the provider responds now (`createReachability`): a browser that is sent to one that is down sees an error. */
  readonly isReachable: () => Promise<boolean>;
  /** The logins are spread over this time after this process first saw a revision. */
  readonly spreadMs: number;
  readonly now: Clock;
  readonly onEvent: OnClientEvent;
}

/** Marks a pending login as silent; kept with it. JSON. */
export interface SilentLogin {
  /** A hash of the cookie of the session that it moves. */
  readonly session: string;
}

/** Moves sessions from legacy to target by a login without a page, where a refresh cannot. @see OIDC Core §3.1.2.1 */
export interface SilentLogins {
  /**
   * Decides about one request, outside `<prefix>`. Returns where to send the browser (303, `cache-control: no-store`), and what
   * to keep in the cookie of the pending login; `undefined`: the request goes on. Never rejects.
   */
  start(
    request: Request,
    cookie: string,
    session: LoginSession,
  ): Promise<{ readonly url: URL; readonly pending: PendingLogin; readonly silent: SilentLogin } | undefined>;
  /**
   * Redeems the callback of a silent login. The session becomes what the provider issued if that is for the same user and for
   * target; else it stays as it was. Its cookie stays: requests on their way with it go on, and the user is the same. In any
   * case the browser goes on to where the user wanted to go: an error is never shown. Never rejects.
   */
  finish(callbackUrl: URL, pending: PendingLogin, silent: SilentLogin, cookie: string | undefined): Promise<void>;
}

export function createSilentLogins(options: SilentLoginOptions): SilentLogins {
  const { login, sessions, spreadMs, now, onEvent } = options;
  let latest: { readonly revision: string | null; readonly seenAtMs: number } | undefined;

  /** Whether it is the turn of a session: each has its own moment in the spread. */
  function isDue(cookie: string, revision: string | null): boolean {
    if (latest === undefined || latest.revision !== revision) latest = { revision, seenAtMs: now() };
    return now() - latest.seenAtMs >= fraction(`${revision} ${cookie}`) * spreadMs;
  }

  /** Notes the try in the session. Returns whether this request did so: of two tabs one is sent. */
  async function claim(cookie: string, revision: string | null): Promise<boolean> {
    let isFirst = false;
    const changed = await sessions.replace(cookie, (session) => {
      isFirst = session.silentLoginAt !== revision;
      return isFirst ? { ...session, silentLoginAt: revision } : session;
    });
    return isFirst && changed !== undefined;
  }

  async function start(request: Request, cookie: string, session: LoginSession) {
    if (!isNavigation(request)) return undefined;
    const move = planSilentMove(session, options);
    if (move === undefined || session.silentLoginAt === move.revision) return undefined;
    if (!isDue(cookie, move.revision) || !(await options.isReachable())) return undefined;
    const { key, forced } = session.selection;
    const { url, pending } = await login.start({ key, side: forced, prompt: 'none' });
    // Not if the provider refuses target, which the login remembers.
    if (!isForward(move.from, pending.asked)) return undefined;
    if (!(await claim(cookie, move.revision))) return undefined;
    return { url, pending, silent: { session: hash(cookie) } };
  }

  /** Returns whether the session moved. */
  async function finish(callbackUrl: URL, pending: PendingLogin, silent: SilentLogin, cookie: string | undefined) {
    if (cookie === undefined || hash(cookie) !== silent.session) return false;
    if ((await sessions.read(cookie)) === undefined) return false;
    const moved = await login.finish(callbackUrl, pending);
    let hasMoved = false;
    // `undefined`: the user logged out meanwhile.
    const changed = await sessions.replace(cookie, (session) => {
      hasMoved = isSuccessor(moved, session);
      return hasMoved ? { ...moved, silentLoginAt: pending.selection.revision } : session;
    });
    return hasMoved && changed !== undefined;
  }

  return {
    start: (request, cookie, session) => start(request, cookie, session).catch(() => undefined),
    async finish(callbackUrl, pending, silent, cookie) {
      const hasMoved = await finish(callbackUrl, pending, silent, cookie).catch(() => false);
      onEvent({ type: 'login', outcome: hasMoved ? 'moved' : 'not_moved', side: pending.asked.side });
    },
  };
}

/** Whether a session may replace another: of the same user, ahead of it, and with a life as long. */
function isSuccessor(moved: LoginSession, session: LoginSession): boolean {
  const isSameUser = moved.subject !== undefined && moved.subject === session.subject;
  const lives = moved.refreshToken !== undefined || session.refreshToken === undefined;
  return isSameUser && lives && isForward(ownSides(session.token), ownSides(moved.token));
}

/** Whether a browser is about to show the response as a page. One that does not say so is not sent away. */
function isNavigation({ method, headers }: Request): boolean {
  return (
    method === 'GET' &&
    headers.get('sec-fetch-mode') === 'navigate' &&
    headers.get('sec-fetch-dest') === 'document' &&
    !/prefetch|prerender/.test(`${headers.get('sec-purpose')} ${headers.get('purpose')}`)
  );
}

function hash(value: string): string {
  return createHash('sha256').update(value).digest('base64url');
}

/** A number from 0 to below 1 that is the same for the same text. */
function fraction(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;
}
