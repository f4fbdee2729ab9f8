import type { ApiResult } from './api-request.ts';

/** What a request carries. `altered` is a token whose signature is broken. */
export type ProbeName = 'none' | 'altered' | 'legacy' | 'target' | 'id' | 'foreign';

/** One request that an API gets, and what it should do with the token. */
export interface Probe {
  readonly name: ProbeName;
  readonly token: string | undefined;
  readonly expected: 'taken' | 'refused';
  /** The class that a meter should count it as. */
  readonly audience: string;
}

/** The result of one request. */
export interface ProbeRow {
  readonly api: string;
  readonly probe: ProbeName;
  readonly expected: Probe['expected'];
  /** The status, or why there is none. */
  readonly seen: string;
  readonly result: 'expected' | 'finding' | 'unreachable' | 'unknown';
  readonly detail?: string;
}

type Verdict = Pick<ProbeRow, 'result' | 'detail'>;
const EXPECTED: Verdict = { result: 'expected' };

const WORDS: Readonly<Record<ProbeName, string>> = {
  none: 'a request without a token',
  altered: 'a token whose signature is broken',
  legacy: 'a legacy token',
  target: 'a target token',
  id: 'an ID token',
  foreign: 'a token for another API',
};

/** Compares what an API responded to every probe with what it should. */
export function judgeApi(api: string, results: readonly (readonly [Probe, ApiResult])[]): readonly ProbeRow[] {
  const bare = results.find(([{ name }]) => name === 'none')?.[1];
  return results.map(([probe, result]) => ({
    api,
    probe: probe.name,
    expected: probe.expected,
    seen: 'failure' in result ? result.failure : `${result.status}`,
    ...verdictOf(probe, result, bare),
  }));
}

function verdictOf({ name, expected }: Probe, result: ApiResult, bare: ApiResult | undefined): Verdict {
  if ('failure' in result) return { result: 'unreachable' };
  const { verdict, status } = result;
  if (expected === 'refused') return refusedVerdict(name, result, bare);
  if (verdict === 'taken') return EXPECTED;
  if (verdict === 'refused') return finding(refusedWords(name, result, bare));
  if (status === 403 && /error="?insufficient_scope/.test(result.challenge))
    return { result: 'expected', detail: 'it takes the token, and demands more scope here' };
  return unclear(status);
}

function refusedVerdict(
  name: ProbeName,
  { verdict, status }: Exclude<ApiResult, { failure: string }>,
  bare: ApiResult | undefined,
): Verdict {
  if (verdict === 'refused') return EXPECTED;
  if (verdict === 'taken') {
    if (name === 'none')
      return finding(
        'it takes requests without a token: the path is public, or nothing guards it; name a path that needs a token',
      );
    if (isTaken(bare))
      return { result: 'unknown', detail: 'it takes requests without a token, too: this proves nothing' };
    const cure = name === 'altered' ? 'it verifies no signature' : 'it does not check what the token is, or for whom';
    return finding(`it takes ${WORDS[name]}: ${cure}`);
  }
  if (status === 403)
    return finding(`it refuses ${WORDS[name]} with 403: respond with 401, upon which clients get another token`);
  return unclear(status);
}

function isTaken(result: ApiResult | undefined): boolean {
  return result !== undefined && 'verdict' in result && result.verdict === 'taken';
}

/** A challenge without an error is that of a request without a token (RFC 6750 §3.1). */
function refusedWords(
  name: ProbeName,
  { challenge }: Exclude<ApiResult, { failure: string }>,
  bare: ApiResult | undefined,
): string {
  const isAsWithout =
    bare !== undefined && 'challenge' in bare && bare.challenge === challenge && !/\berror=/.test(challenge);
  const what = `it refuses ${WORDS[name]} that the plan takes`;
  if (isAsWithout)
    return `${what}, with the response of a request without one: a proxy in front may strip Authorization, or the API says no reason`;
  return `${what}: compare its issuer, audience, keys and algorithms with the plan`;
}

function finding(detail: string): Verdict {
  return { result: 'finding', detail };
}

function unclear(status: number): Verdict {
  const why =
    status >= 300 && status < 400
      ? 'it redirects: name the URL that it leads to'
      : status === 503
        ? 'it is not ready: try again'
        : status === 403
          ? 'it forbids the request without saying why: name a path that this client may read'
          : 'that says nothing of the token: name a path that responds with 2xx (--api)';
  return { result: 'unknown', detail: `${status}: ${why}` };
}
