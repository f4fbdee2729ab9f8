import type { AcceptedJudgement, ApiResponse, Judgement, UnavailableError } from '@crossfade/core';
import { customOption } from '@crossfade/core/schema';

/** Counts the requests of an adapter: `createValidatorMetrics` of `@crossfade/validator/prometheus` creates one. Never throws. */
export interface RequestMeter {
  /** A request was judged: once a request, however many guards are on its way. */
  countJudgement(judgement: Judgement): void;
  /** The token of a request could not be judged. */
  countUnavailable(error: Pick<UnavailableError, 'dependency'>): void;
  /** A CORS preflight passed without being judged. Counts once for each `request`. */
  countPreflight(request: object): void;
  /** The API, not a guard, responded to a judged request. Leave out routes that need no token. */
  countResponse(judgement: Judgement, response: ApiResponse): void;
  /** How long the validator took to judge a token. */
  observeDuration(durationSeconds: number): void;
}

/** An option of the adapters whose processes can be scraped. */
export interface MeteredOptions {
  /** Counts requests and the API's responses for a monitoring system: `createValidatorMetrics(...)`. Absent: nothing is counted. */
  readonly metrics?: RequestMeter;
}

/** {@link MeteredOptions} as a field of a schema. */
export const METRICS_OPTION = {
  metrics: customOption<RequestMeter>(isRequestMeter, 'metrics of createValidatorMetrics').optional(),
};

const METHODS = ['countJudgement', 'countUnavailable', 'countPreflight', 'countResponse', 'observeDuration'] as const;

function isRequestMeter(value: unknown): boolean {
  const meter = value as Partial<RequestMeter> | null | undefined;
  return METHODS.every((method) => typeof meter?.[method] === 'function');
}

/** The API's response to a request that a guard passed on. */
export interface ResponseObservation {
  /** What the API responded. The first call counts. */
  responded(response: ApiResponse): void;
  /** A later guard of the same request responds in place of the API. */
  cancel(): void;
}

/** Starts to observe the response to a request whose token was accepted. */
export function observeResponse(meter: RequestMeter, judgement: AcceptedJudgement): ResponseObservation {
  let isOpen = true;
  return {
    responded(response) {
      if (isOpen) meter.countResponse(judgement, response);
      isOpen = false;
    },
    cancel() {
      isOpen = false;
    },
  };
}

/** Measures how long a judgement takes. A token that could not be judged has no duration. */
export function timed(
  meter: RequestMeter,
  judge: () => Judgement | Promise<Judgement>,
): Judgement | Promise<Judgement> {
  const startMs = performance.now();
  const note = (judgement: Judgement): Judgement => {
    meter.observeDuration((performance.now() - startMs) / 1000);
    return judgement;
  };
  const judgement = judge();
  return judgement instanceof Promise ? judgement.then(note) : note(judgement);
}
