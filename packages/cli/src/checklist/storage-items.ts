import { type ChecklistItem, type ItemOutcome, inapplicable, unknowable } from './checklist-item.ts';
import { byFindings } from './seen.ts';

const ELSEWHERE = 'it is where clients keep their tokens, which doctor does not see';

const PLACES = [
  [
    'browser_bff',
    'RFC 10017 §6.1',
    'should',
    'keeps tokens of browsers on a server (backend for frontend), and gives the browser a cookie alone',
    'a script that gets into the page reads every token that the page can read',
    "look into the browser's storage and network pane after a login: no token is there (createBff works so)",
  ],
  [
    'browser_cookie',
    'RFC 10017 §6.1.3.2',
    'must',
    'sets the session cookie HttpOnly, Secure, SameSite and with the prefix __Host-',
    'a script, another site or a subdomain takes or sets the session',
    'read Set-Cookie of a login',
  ],
  [
    'browser_csrf',
    'RFC 10017 §6.1.3.3',
    'must',
    'protects what the cookie allows against requests of other sites',
    'another page acts as the user',
    'send the request with a foreign Origin: it has to be refused',
  ],
  [
    'browser_memory',
    'RFC 10017 §6.3, §8',
    'should',
    'keeps tokens of a page without a backend in memory, not in localStorage',
    'what is stored outlives the page, and every script of the origin reads it',
    "look into the browser's storage after a login",
  ],
  [
    'native_store',
    'RFC 6819 §5.3.3',
    'must',
    "keeps a native application's refresh token in the credential store of the system",
    'another application, or a backup, reads it from a file',
    'docs/storage-by-platform.md names the store of each platform',
  ],
  [
    'server_session',
    'RFC 6819 §5.1.4.1.3',
    'must',
    "encrypts tokens at rest in a server's session store",
    'a copy of the store opens every session',
    'read one entry of the store: no token is legible (createBff seals them)',
  ],
  [
    'logs',
    'RFC 6750 §5.3',
    'must',
    'keeps tokens and codes out of logs, traces and error reports',
    'who reads logs can act as any user',
    'search the logs for eyJ, and for access_token=',
  ],
] as const;

/** How tokens and secrets have to be kept. */
export const STORAGE_ITEMS: readonly ChecklistItem[] = [
  {
    area: 'storage',
    item: 'secrets',
    source: 'RFC 6819 §5.1.4.1.3',
    level: 'must',
    what: "keeps Crossfade's client secrets out of the plan, in the environment",
    why: 'a plan is in version control, and read by many',
    runbook: 'prepare',
    judge: (evidence) => byFindings(evidence, ['secret'], inapplicable('the plan names no secret')),
  },
  {
    area: 'storage',
    item: 'refresh_rotation',
    source: 'RFC 9700 §2.2.2, §4.14.2',
    level: 'must',
    what: 'rotates refresh tokens of public clients, or binds them to their sender',
    why: 'a refresh token that is stolen mints tokens for as long as the session lives',
    runbook: 'prepare',
    judge: ({ plan: { legacy, target } }) =>
      legacy.sessionLifetimeMs === 0 && target.sessionLifetimeMs === 0
        ? inapplicable('no refresh token of either side outlives its access token (sessionLifetime: 0s)')
        : unknowable(
            'doctor holds no refresh token',
            'refresh twice with the same token of a public client: the second one has to fail',
          ),
  },
  ...PLACES.map(
    ([item, source, level, what, why, how]): ChecklistItem => ({
      area: 'storage',
      item,
      source,
      level,
      what,
      why,
      runbook: 'prepare',
      judge: (): ItemOutcome => unknowable(ELSEWHERE, how),
    }),
  ),
];
