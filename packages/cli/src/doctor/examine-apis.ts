import type { ApiResult } from '../probe/api-request.ts';
import { challengeFlaw, refusalFlaw } from './challenge.ts';
import { type Finding, fail, notApplicable, pass, unknown, warn } from './finding.ts';
import type { ApiProbe } from './probe-apis.ts';

type Response = Exclude<ApiResult, { failure: string }>;

/** The variables that hold tokens to probe with. */
export const TARGET_TOKEN = 'CROSSFADE_TARGET_TOKEN';
export const ID_TOKEN = 'CROSSFADE_ID_TOKEN';

/** Judges what the APIs responded: to no token, to forged ones, to a real one and to an ID token; and what stands in front. */
export function examineApis(probes: readonly ApiProbe[]): readonly Finding[] {
  if (probes.length === 0)
    return [notApplicable('api', 'no API was asked: name a path that needs a token with --api <url>')];
  return probes.flatMap((probe) => {
    if ('failure' in probe.bare)
      return [
        unknown('api', `${probe.api}: ${probe.bare.failure}`, 'check the URL, the network and the API; then ask again'),
      ];
    return [
      ...examineBare(probe.api, probe.bare),
      ...examineForged(probe),
      ...examineTarget(probe, probe.bare),
      ...examineIdToken(probe, probe.bare),
      ...examineGateway(probe, probe.bare),
    ];
  });
}

function examineBare(api: string, { status, challenge, passed }: Response): readonly Finding[] {
  const without = `${api} responds to a request without a token with ${status}`;
  if (status === 401) {
    const flaw = challengeFlaw(challenge);
    if (flaw === undefined) return [pass('api', `${without} and a challenge`)];
    return [
      warn('api', `${without}, which ${flaw}`, 'respond with WWW-Authenticate: Bearer, and let gateways pass it on'),
    ];
  }
  if (status >= 300 && status < 400)
    return [
      fail('api', `${without}${whereTo(passed?.location)}`, 'respond with 401: a program cannot log in on a page'),
    ];
  if (status === 403)
    return [fail('api', without, 'respond with 401 and a challenge: clients get no other token upon 403')];
  if (status >= 200 && status < 300)
    return [fail('api', without, 'guard the path; if it is public on purpose, name another with --api')];
  return [unknown('api', without, 'name a path with --api that responds with 2xx to a valid token')];
}

/** The host alone: a URL for logging in may hold values. */
function whereTo(location: string | null | undefined): string {
  return location != null && URL.canParse(location) ? `, which leads to ${new URL(location).host}` : '';
}

function examineForged({ api, bare, forged, unsigned }: ApiProbe): readonly Finding[] {
  const kinds = [
    ['a token that is signed with a foreign key', forged],
    ['a token with alg none', unsigned],
  ] as const;
  return kinds.map(([what, result]) => examineRefusal('forged', `${api}: ${what}`, result, bare));
}

function examineRefusal(check: 'forged' | 'id_token', what: string, result: ApiResult, bare: ApiResult): Finding {
  if ('failure' in result) return unknown(check, `${what}: ${result.failure}`, 'ask again');
  const { status, verdict, challenge } = result;
  if (verdict === 'taken') {
    if (isTaken(bare))
      return unknown(
        check,
        `${what} is taken, as is a request without one`,
        'name a path with --api that needs a token',
      );
    return fail(
      check,
      `${what} is taken (${status})`,
      check === 'forged'
        ? 'verify the signature with the keys of the issuer, by an allow-list of algorithms, before anything else'
        : 'refuse ID tokens: check the audience, and typ at+jwt or the claims that only an ID token has',
    );
  }
  if (status !== 401)
    return status === 403
      ? warn(check, `${what} is refused with 403`, 'respond with 401, upon which clients get another token')
      : unknown(
          check,
          `${what} gets ${status}, which says nothing of the token`,
          'name a path with --api that responds with 2xx',
        );
  const flaw = refusalFlaw(challenge);
  return flaw === undefined
    ? pass(check, `${what} is refused with 401 and invalid_token`)
    : warn(
        check,
        `${what} is refused with 401, which ${flaw}`,
        'respond with WWW-Authenticate: Bearer error="invalid_token"',
      );
}

function isTaken(result: ApiResult): boolean {
  return 'verdict' in result && result.verdict === 'taken';
}

function examineTarget({ api, target }: ApiProbe, bare: Response): readonly Finding[] {
  if (target === undefined)
    return [
      notApplicable(
        'target_token',
        `${api}: no real token was sent: ${TARGET_TOKEN} is not set, or the URL is neither https nor loopback`,
      ),
    ];
  if ('failure' in target) return [unknown('target_token', `${api}: ${target.failure}`, 'ask again')];
  if (target.verdict === 'taken')
    return isTaken(bare)
      ? [
          unknown(
            'target_token',
            `${api} takes it, as it takes a request without one`,
            'name a path with --api that needs a token',
          ),
        ]
      : [pass('target_token', `${api} takes the target token (${target.status})`)];
  if (target.verdict === 'refused')
    return [
      fail(
        'target_token',
        `${api} refuses the target token (${target.status})`,
        'see what it is: crossfade inspect -; then compare issuer, audience, keys and algorithms of the API with the plan',
      ),
    ];
  return [
    unknown(
      'target_token',
      `${api} responds with ${target.status} to the target token`,
      'name a path with --api that this client may read',
    ),
  ];
}

function examineIdToken({ api, bare, id }: ApiProbe, _bare: Response): readonly Finding[] {
  if (id === undefined)
    return [
      notApplicable(
        'id_token',
        `${api}: none was sent: ${ID_TOKEN} is not set, or the URL is neither https nor loopback`,
      ),
    ];
  return [examineRefusal('id_token', `${api}: an ID token`, id, bare)];
}

/** Proxies and gateways in front may turn a 401 into something else; the challenge has to survive them. */
function examineGateway({ api, forged }: ApiProbe, { status, passed, challenge }: Response): readonly Finding[] {
  const names = [passed?.server, passed?.via]
    .filter((name) => name != null && name !== '')
    .map((name) => headerWords(String(name)));
  const isChanged = (status >= 300 && status < 400) || status === 403;
  if (isChanged && names.length > 0)
    return [
      fail(
        'gateway',
        `${api}: ${names.join(', ')} responds, and the 401 of the API does not arrive (${status})`,
        'let the gateway pass requests for the API on, and its 401 with WWW-Authenticate back',
      ),
    ];
  if (status === 401 && challenge === '' && names.length > 0)
    return [
      warn(
        'gateway',
        `${api}: ${names.join(', ')} responds, and the challenge does not arrive`,
        'let the gateway pass WWW-Authenticate on',
      ),
    ];
  if ('status' in forged && forged.status >= 500 && status === 401)
    return [
      warn(
        'gateway',
        `${api} responds with ${forged.status} to a token that it refuses, and with 401 to none`,
        'see whether a gateway fails on 401: nginx auth_request needs exactly 401 or 403',
      ),
    ];
  return names.length === 0
    ? []
    : [pass('gateway', `${api}: ${names.join(', ')} passes 401 and challenge on`)].filter(() => status === 401);
}

/** Only what looks like the name of a program is printed. */
function headerWords(value: string): string {
  return /^[\w ./()-]{1,60}$/.test(value) ? value : 'a proxy';
}
