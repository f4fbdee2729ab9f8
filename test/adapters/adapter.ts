import type { FeatureAccess, Judgement } from '@crossfade/core';
import type { Validator } from '@crossfade/validator';
import type { Headers, Path } from './inputs.ts';
import { ORIGIN, RESOURCE } from './world.ts';

/** One POST request. */
export interface Question {
  readonly path: Path | '/nowhere';
  readonly query: string;
  readonly body: string;
  readonly headers: Headers;
}

/** What the client gets, or what API Gateway is told to give it. */
export interface Answer {
  readonly status: number;
  readonly challenge: string | undefined;
  readonly retryAfter: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
}

/** An API behind one adapter: every route of it answers with the subject of the access token. */
export interface Api {
  ask(question: Question): Promise<Answer>;
  close(): Promise<void>;
}

export interface Setup {
  readonly validator: Validator;
  readonly features: FeatureAccess;
  readonly onJudgement: (judgement: Judgement) => void;
}

export interface Adapter {
  readonly name: string;
  /** Sees one header of one value only. */
  readonly seesOneHeader?: boolean;
  /** Can't answer with a body or a challenge of its own, nor with 404 or 503: what API Gateway does to authorizers. */
  readonly isAuthorizer?: boolean;
  start(setup: Setup): Promise<Api>;
}

/** Options of a guard that are the same for every adapter. */
export function guardOptions({ validator, features, onJudgement }: Setup) {
  const certificateHeader = { name: 'Client-Cert', format: 'rfc9440' } as const;
  return { validator, features, onJudgement, certificateHeader, resource: RESOURCE, origin: ORIGIN };
}
