import type { Judgement } from '@crossfade/core';
import { rejectionResponse } from '@crossfade/validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter, Answer, Api, Question } from './adapter.ts';
import { expressAdapters } from './express-adapter.ts';
import { fastifyAdapter } from './fastify-adapter.ts';
import { fetchAdapters } from './fetch-adapter.ts';
import { INPUTS, type Input } from './inputs.ts';
import { lambdaAdapters } from './lambda-adapter.ts';
import { createWorld, METADATA, STATES, type State, type World } from './world.ts';

const ADAPTERS: readonly Adapter[] = [fastifyAdapter, ...expressAdapters, ...fetchAdapters, ...lambdaAdapters];

interface Running extends Api {
  readonly adapter: Adapter;
  /** What the meter was told, in order. */
  readonly judgements: Judgement[];
}

let world: World;
/** How many adapters were asked about each input. */
const asked = new Map<string, number>();
const running = new Map<State, Running[]>();

beforeAll(async () => {
  world = await createWorld();
  for (const state of STATES) {
    const apis = ADAPTERS.map(async (adapter) => {
      const judgements: Judgement[] = [];
      const onJudgement = (judgement: Judgement) => judgements.push(judgement);
      const validator = world.validators[state]();
      return { adapter, judgements, ...(await adapter.start({ validator, features: world.features, onJudgement })) };
    });
    running.set(state, await Promise.all(apis));
  }
});
afterAll(() => Promise.all([...running.values()].flat().map((api) => api.close())));

async function questionOf({ path = '/orders', query = '', body = '', headers }: Input): Promise<Question> {
  const token = await world.token();
  const carried = (text: string) => text.replace('TOKEN', token);
  return { path, query: carried(query), body: carried(body), headers: await headers(world, path) };
}

/** The answer that follows from what the meter was told. */
async function expectedAnswer({ verdict }: Input, api: Running, question: Question): Promise<Partial<Answer>> {
  const { isAuthorizer } = api.adapter;
  if (verdict === 'accepted') return { status: 200, body: 'alice', challenge: undefined };
  if (verdict === 'unavailable') {
    return isAuthorizer ? { status: 500 } : { status: 503, retryAfter: '5', contentType: 'application/problem+json' };
  }
  if (verdict === 'hidden') return isAuthorizer ? { status: 403, challenge: undefined } : absent(api, question);
  const judgement = api.judgements.at(-1);
  if (judgement?.outcome !== 'rejected') throw new Error('the meter was told of no rejection');
  const { status, headers, body } = rejectionResponse(judgement, METADATA);
  if (isAuthorizer && status === 401) return { status };
  return {
    status,
    challenge: headers['www-authenticate'] ?? 'none',
    contentType: headers['content-type'] ?? 'none',
    body,
  };
}

/** What the same client gets for a path that is not there. */
async function absent(api: Running, question: Question): Promise<Answer> {
  const answer = await api.ask({ ...question, path: '/nowhere' });
  return { ...answer, body: answer.body.replaceAll('/nowhere', question.path) };
}

const STATUS = new Map<Input['verdict'], number>([
  ['accepted', 200],
  ['insufficient_scope', 403],
  ['hidden', 404],
  ['unavailable', 503],
]);

describe('every adapter', () => {
  it.each(INPUTS)('gives $name the same verdict, $verdict, and the same answer', async (input) => {
    const told: Record<string, Judgement[]> = {};
    for (const api of running.get(input.state ?? 'open') ?? []) {
      const { name, seesOneHeader, isAuthorizer } = api.adapter;
      const question = await questionOf(input);
      if (seesOneHeader && question.headers.length > 1) continue;
      api.judgements.length = 0;

      const answer = await api.ask(question);

      told[name] = [...api.judgements];
      asked.set(input.name, (asked.get(input.name) ?? 0) + 1);
      expect({ name, ...answer }).toMatchObject({ name, ...(await expectedAnswer(input, api, question)) });
      if (!isAuthorizer) {
        expect({ name, status: answer.status }).toEqual({ name, status: STATUS.get(input.verdict) ?? 401 });
        if (answer.status === 401 || answer.status === 403) expect(answer.challenge).toContain(METADATA);
        if (input.challenge !== undefined) expect(answer.challenge).toMatch(input.challenge);
      }
    }
    const [first] = Object.values(told);
    expect(told).toEqual(Object.fromEntries(Object.keys(told).map((name) => [name, first])));
    expect(first).toMatchObject(toldOf(input));
  });

  it('is asked about all there is', () => {
    expect(new Set(INPUTS.map(({ name }) => name)).size).toBe(INPUTS.length);
    const fitting = INPUTS.filter((input) => asked.get(input.name) === ADAPTERS.length);
    expect(fitting.length).toBeGreaterThan(40);
    expect([...asked.values()].every((count) => count >= ADAPTERS.length - 1)).toBe(true);
  });
});

/** A hidden route is hidden from a valid token; an outage says nothing about a token. */
function toldOf({ verdict }: Input): readonly Partial<Judgement>[] {
  if (verdict === 'unavailable') return [];
  if (verdict === 'accepted' || verdict === 'hidden') return [{ outcome: 'accepted' }];
  return [{ outcome: 'rejected', reason: verdict }];
}
