import { createHttpApiAuthorizer, createRestApiAuthorizer } from '@crossfade/validator/lambda';
import { type Adapter, type Answer, guardOptions, type Question, type Setup } from './adapter.ts';
import { type Authorized, answerAsApiGateway } from './api-gateway.ts';
import { ROUTES } from './inputs.ts';
import { httpApiEvent, restRequestEvent, restTokenEvent } from './lambda-events.ts';

type Authorizer = (question: Question) => Promise<Authorized>;

/** One authorizer a route, in front of an integration that answers with what the authorizer said. */
function lambdaAdapter(
  name: string,
  authorizerOf: (options: ReturnType<typeof guardOptions> & object) => Authorizer,
  limits: Pick<Adapter, 'seesOneHeader'> = {},
): Adapter {
  return {
    name,
    isAuthorizer: true,
    ...limits,
    async start(setup: Setup) {
      const routes = Object.entries(ROUTES).map(
        ([path, route]) => [path, authorizerOf({ ...guardOptions(setup), ...route })] as const,
      );
      const byPath = new Map(routes);
      const ask = (question: Question): Promise<Answer> => {
        const authorizer = byPath.get(question.path);
        if (authorizer === undefined) throw new Error('API Gateway asks no authorizer about a route it does not have');
        return answerAsApiGateway(() => authorizer(question));
      };
      return { ask, close: async () => {} };
    },
  };
}

export const lambdaAdapters = [
  lambdaAdapter('Lambda, HTTP API', (options) => {
    const authorize = createHttpApiAuthorizer(options);
    return (question) => authorize(httpApiEvent(question));
  }),
  lambdaAdapter('Lambda, REST API, REQUEST', (options) => {
    const authorize = createRestApiAuthorizer(options);
    return (question) => authorize(restRequestEvent(question));
  }),
  lambdaAdapter(
    'Lambda, REST API, TOKEN',
    (options) => {
      const authorize = createRestApiAuthorizer(options);
      return (question) => authorize(restTokenEvent(question));
    },
    { seesOneHeader: true },
  ),
];
