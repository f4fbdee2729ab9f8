import type { FeatureAccess, Judgement } from '@crossfade/core';
import type { Validator } from '@crossfade/validator';
import type { CrossfadeRouteOptions } from '@crossfade/validator/fastify';
import { ORIGIN, RESOURCE, SUNSET } from './fixture.ts';
import { type Headers, type Path, ROUTES } from './inputs.ts';

/** One POST request of a client. */
export interface SentRequest {
  readonly path: Path | '/nowhere';
  readonly query: string;
  readonly body: string;
  readonly headers: Headers;
}

/** The response that the client gets, from the adapter or from API Gateway. */
export interface ReceivedResponse {
  readonly status: number;
  readonly challenge: string | undefined;
  readonly retryAfter: string | undefined;
  readonly contentType: string | undefined;
  readonly deprecation: string | undefined;
  readonly sunset: string | undefined;
  readonly body: string;
}

/** An API behind one adapter: every route of it responds with the subject of the access token. */
export interface Api {
  send(request: SentRequest): Promise<ReceivedResponse>;
  close(): Promise<void>;
}

export interface Setup {
  readonly validator: Validator;
  readonly features: FeatureAccess;
  readonly onJudgement: (judgement: Judgement) => void;
  /** What routes demand; absent: those of {@link ROUTES}. */
  readonly routes?: Readonly<Partial<Record<Path, Omit<CrossfadeRouteOptions, 'public'>>>>;
}

/** The routes of an API, each with what it demands. */
export function routesOf({ routes = ROUTES }: Setup) {
  return Object.entries(routes);
}

export interface Adapter {
  readonly name: string;
  /** Sees only one header of one value. */
  readonly seesOneHeader?: boolean;
  /** Cannot set a body or challenge, nor respond with 404 or 503: API Gateway's limits for authorizers. */
  readonly isAuthorizer?: boolean;
  start(setup: Setup): Promise<Api>;
}

/** Options of a guard that are the same for every adapter. */
export function guardOptions({ validator, features, onJudgement }: Setup) {
  const certificateHeader = { name: 'Client-Cert', format: 'rfc9440' } as const;
  return { validator, features, onJudgement, certificateHeader, resource: RESOURCE, publicUrl: ORIGIN, sunset: SUNSET };
}
