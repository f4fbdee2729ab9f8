import type { Judgement } from '@crossfade/core';
import { rejectionResponse } from '@crossfade/validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter, Api, ReceivedResponse, SentRequest } from './adapter.ts';
import { expressAdapters } from './express-adapter.ts';
import { fastifyAdapter } from './fastify-adapter.ts';
import { fetchAdapters } from './fetch-adapter.ts';
import { bridge, createFixture, type Fixture, METADATA, STATES, type State, target } from './fixture.ts';
import { INPUTS, type Input } from './inputs.ts';
import { lambdaAdapters } from './lambda-adapter.ts';

const ADAPTERS: readonly Adapter[] = [fastifyAdapter, ...expressAdapters, ...fetchAdapters, ...lambdaAdapters];

interface Running extends Api {
  readonly adapter: Adapter;
  /** The judgements that onJudgement got, in order. */
  readonly judgements: Judgement[];
}

let fixture: Fixture;
/** How many adapters each input was sent to. */
const covered = new Map<string, number>();
const running = new Map<State, Running[]>();

beforeAll(async () => {
  fixture = await createFixture();
  for (const state of STATES) {
    const apis = ADAPTERS.map(async (adapter) => {
      const judgements: Judgement[] = [];
      const onJudgement = (judgement: Judgement) => judgements.push(judgement);
      const validator = fixture.validators[state]();
      return { adapter, judgements, ...(await adapter.start({ validator, features: fixture.features, onJudgement })) };
    });
    running.set(state, await Promise.all(apis));
  }
});
afterAll(() => Promise.all([...running.values()].flat().map((api) => api.close())));

async function requestOf({ path = '/orders', query = '', body = '', headers }: Input): Promise<SentRequest> {
  const token = await fixture.token();
  const carried = (text: string) => text.replace('TOKEN', token);
  return { path, query: carried(query), body: carried(body), headers: await headers(fixture, path) };
}

/** The response that follows from the reported judgement. */
async function expectedResponse(
  { verdict }: Input,
  api: Running,
  request: SentRequest,
): Promise<Partial<ReceivedResponse>> {
  const { isAuthorizer } = api.adapter;
  if (verdict === 'accepted') return { status: 200, body: 'alice', challenge: undefined };
  if (verdict === 'unavailable') {
    return isAuthorizer ? { status: 500 } : { status: 503, retryAfter: '5', contentType: 'application/problem+json' };
  }
  if (verdict === 'hidden') return isAuthorizer ? { status: 403, challenge: undefined } : absent(api, request);
  const judgement = api.judgements.at(-1);
  if (judgement?.outcome !== 'rejected') throw new Error('no rejection was reported');
  const { status, headers, body } = rejectionResponse(judgement, METADATA);
  if (isAuthorizer && status === 401) return { status };
  return {
    status,
    challenge: headers['www-authenticate'] ?? 'none',
    contentType: headers['content-type'] ?? 'none',
    body,
  };
}

/** The response to the same client for a missing path. */
async function absent(api: Running, request: SentRequest): Promise<ReceivedResponse> {
  const response = await api.send({ ...request, path: '/nowhere' });
  return { ...response, body: response.body.replaceAll('/nowhere', request.path) };
}

const STATUS = new Map<Input['verdict'], number>([
  ['accepted', 200],
  ['insufficient_scope', 403],
  ['hidden', 404],
  ['unavailable', 503],
]);

describe('every adapter', () => {
  it.each(INPUTS)('gives $name the same verdict, $verdict, and the same response', async (input) => {
    const reported: Record<string, Judgement[]> = {};
    for (const api of running.get(input.state ?? 'open') ?? []) {
      const { name, seesOneHeader, isAuthorizer } = api.adapter;
      const request = await requestOf(input);
      if (seesOneHeader && request.headers.length > 1) continue;
      api.judgements.length = 0;

      const response = await api.send(request);

      reported[name] = [...api.judgements];
      covered.set(input.name, (covered.get(input.name) ?? 0) + 1);
      expect({ name, ...response }).toMatchObject({ name, ...(await expectedResponse(input, api, request)) });
      if (!isAuthorizer) {
        expect({ name, status: response.status }).toEqual({ name, status: STATUS.get(input.verdict) ?? 401 });
        if (response.status === 401 || response.status === 403) expect(response.challenge).toContain(METADATA);
        if (input.challenge !== undefined) expect(response.challenge).toMatch(input.challenge);
      }
    }
    const [first] = Object.values(reported);
    expect(reported).toEqual(Object.fromEntries(Object.keys(reported).map((name) => [name, first])));
    expect(first).toMatchObject(reportedFor(input));
  });

  it('announces the end of the legacy audience to legacy tokens alone', async () => {
    const announced = { deprecation: '@1798671600', sunset: 'Sun, 31 Jan 2027 00:00:00 GMT' };
    const silent = { deprecation: undefined, sunset: undefined };
    const sent = async (api: Running, claims: object) => {
      const headers = [['authorization', `Bearer ${await fixture.token({ ...claims })}`]] as const;
      return api.send({ path: '/orders', query: '', body: '', headers });
    };
    for (const api of running.get('open') ?? []) {
      expect(await sent(api, {}), api.adapter.name).toMatchObject({ status: 200, ...announced });
      expect(await sent(api, target), api.adapter.name).toMatchObject({ status: 200, ...silent });
      expect(await sent(api, bridge), api.adapter.name).toMatchObject({ status: 200, ...silent });
    }
    for (const api of [...(running.get('closed') ?? []), ...(running.get('brownout') ?? [])]) {
      const expected = api.adapter.isAuthorizer ? silent : announced;
      expect(await sent(api, {}), api.adapter.name).toMatchObject({ status: 401, ...expected });
    }
  });

  it('gets every input', () => {
    expect(new Set(INPUTS.map(({ name }) => name)).size).toBe(INPUTS.length);
    const fitting = INPUTS.filter((input) => covered.get(input.name) === ADAPTERS.length);
    expect(fitting.length).toBeGreaterThan(40);
    expect([...covered.values()].every((count) => count >= ADAPTERS.length - 1)).toBe(true);
  });
});

/** A hidden route is reported as accepted, because its token is valid; an outage reports nothing. */
function reportedFor({ verdict }: Input): readonly Partial<Judgement>[] {
  if (verdict === 'unavailable') return [];
  if (verdict === 'accepted' || verdict === 'hidden') return [{ outcome: 'accepted' }];
  return [{ outcome: 'rejected', reason: verdict }];
}
