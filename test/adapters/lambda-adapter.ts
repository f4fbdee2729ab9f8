import { createHttpApiAuthorizer, createRestApiAuthorizer } from '@crossfade/validator/lambda';
import {
  type Adapter,
  guardOptions,
  type ReceivedResponse,
  routesOf,
  type SentRequest,
  type Setup,
} from './adapter.ts';
import { type Authorized, respondAsApiGateway } from './api-gateway.ts';
import { httpApiEvent, methodArnOf, restRequestEvent, restTokenEvent } from './lambda-events.ts';

type Authorizer = (request: SentRequest) => Promise<Authorized>;

/** One authorizer per route, in front of an integration that responds with the authorizer's context. */
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
      const routes = routesOf(setup).map(
        ([path, route]) => [path, authorizerOf({ ...guardOptions(setup), ...route })] as const,
      );
      const byPath = new Map(routes);
      const send = (request: SentRequest): Promise<ReceivedResponse> => {
        const authorizer = byPath.get(request.path);
        if (authorizer === undefined) throw new Error('API Gateway has no authorizer for a missing route');
        return respondAsApiGateway(() => authorizer(request), methodArnOf(request));
      };
      return { send, close: async () => {} };
    },
  };
}

export const lambdaAdapters = [
  lambdaAdapter('Lambda, HTTP API', (options) => {
    const authorize = createHttpApiAuthorizer(options);
    return (request) => authorize(httpApiEvent(request));
  }),
  lambdaAdapter('Lambda, REST API, REQUEST', (options) => {
    const authorize = createRestApiAuthorizer(options);
    return (request) => authorize(restRequestEvent(request));
  }),
  lambdaAdapter(
    'Lambda, REST API, TOKEN',
    (options) => {
      const authorize = createRestApiAuthorizer(options);
      return (request) => authorize(restTokenEvent(request));
    },
    { seesOneHeader: true },
  ),
];
