import type { FeatureAccess, Judgement, LegacySunset, UnavailableError } from '@crossfade/core';
import { customOption } from '@crossfade/core/schema';
import { z } from 'zod';
import type { Validator } from '../judge/validator.ts';
import type { CertificateHeader, ProofSources } from '../request/read-request-proof.ts';
import { protectedResourceMetadataUrl, resourceSchema } from './protected-resource-metadata.ts';
import { publicUrlSchema, resourceOf } from './public-url-option.ts';
import type { RequestMeter } from './request-meter.ts';
import { isLegacySunset, type SunsetHeaders, sunsetHeaders } from './sunset-headers.ts';

/** What a guard needs of a validator. Routes with `introspect: 'always'` need all of it. */
export type GuardingValidator = Pick<Validator, 'judge' | 'judgeHeader' | 'openSides' | 'dpopChallenge'> &
  Partial<Pick<Validator, 'introspect' | 'introspection'>>;

/** Options of every adapter. */
export interface GuardOptions<R> {
  readonly validator: GuardingValidator;
  /** Says which features are open, for routes that belong to one. */
  readonly features?: FeatureAccess;
  /**
   * The resource identifier of the API (RFC 9728 §1.2). Challenges then point to its metadata, which
   * `protectedResource` of the same adapter serves.
   * Default: `publicUrl`, where that is an https URL.
   */
  readonly resource?: string;
  /**
   * The public URL of this server's path `/`, such as `https://api.example.com/orders` behind a proxy that strips
   * `/orders`: proofs of possession name the URL that the client used (RFC 9449 §4.3). No header overrides it.
   * Default: as the server sees the request, and as the proxies say that the server trusts (Express `trust proxy`,
   * Fastify `trustProxy`).
   */
  readonly publicUrl?: string;
  /**
   * The header in which a proxy forwards the client's certificate (RFC 8705). Only for a proxy that sets or removes it
   * on every request: otherwise any client can claim a certificate. Default: the certificate of the connection itself.
   */
  readonly certificateHeader?: CertificateHeader;
  /**
   * When the legacy audience ends: responses to requests with a legacy token then announce it by `Deprecation` (RFC 9745) and
   * `Sunset` (RFC 8594), unless the route sets these headers. `legacySunset(plan)` takes it from a plan. Absent: no headers.
   */
  readonly sunset?: LegacySunset;
  /**
   * Called once per request with its judgement, by the first guard on its way and before the request goes on: for
   * meters. What it throws does not change the response.
   */
  readonly onJudgement?: (judgement: Judgement, request: R) => void;
  /**
   * Called for a request that gets 503 because its token could not be judged: for meters, which learn of that request
   * only here. What it throws does not change the response.
   */
  readonly onUnavailable?: (error: UnavailableError, request: R) => void;
}

/** What happens to a CORS preflight, which carries no token: it goes on unjudged, or is judged as any request. */
export type PreflightHandling = 'pass' | 'judge';

/** The options of a guard, checked. */
export interface GuardSettings<R> extends ProofSources {
  readonly validator: GuardingValidator;
  readonly features: FeatureAccess | undefined;
  readonly resourceMetadata: string | undefined;
  /** For responses to requests with a legacy token. */
  readonly sunset?: SunsetHeaders | undefined;
  readonly onJudgement: ((judgement: Judgement, request: R) => void) | undefined;
  readonly onUnavailable?: ((error: UnavailableError, request: R) => void) | undefined;
  readonly metrics?: RequestMeter | undefined;
  /** Absent: `judge`. */
  readonly preflight?: PreflightHandling | undefined;
}

const HEADER = 'must be { name, format }: a header name, and rfc9440, nginx or envoy';

/** The options of a guard, as fields of a schema. */
export const guardShape = {
  validator: customOption<GuardingValidator>(
    isValidator,
    'a validator, with judge, judgeHeader, openSides and dpopChallenge',
  ),
  features: customOption<FeatureAccess>(isFeatureAccess, 'an object with the function hasAccess').optional(),
  resource: resourceSchema.optional(),
  publicUrl: publicUrlSchema.optional(),
  certificateHeader: z
    .strictObject(
      {
        name: z
          .string(HEADER)
          .regex(/^[\w-]+$/, HEADER)
          .toLowerCase(),
        format: z.enum(['rfc9440', 'nginx', 'envoy'], HEADER),
      },
      HEADER,
    )
    .optional(),
  sunset: customOption<LegacySunset>(
    isLegacySunset,
    '{ deprecatedMs, sunsetMs }: two times in ms, the second no earlier than the first',
  ).optional(),
  onJudgement: customOption<() => void>((value) => typeof value === 'function', 'a function').optional(),
  onUnavailable: customOption<() => void>((value) => typeof value === 'function', 'a function').optional(),
};

/** The option of an adapter behind which something responds to preflights. */
export function preflightOption(byDefault: PreflightHandling) {
  return { preflight: z.enum(['pass', 'judge'], 'must be pass or judge').default(byDefault) };
}

/** Fills in what the options of a guard leave out. */
export function guardSettings<R>(options: z.output<z.ZodObject<typeof guardShape>>): GuardSettings<R> {
  const { validator, features, publicUrl, certificateHeader, onJudgement, onUnavailable } = options;
  const sunset = options.sunset && sunsetHeaders(options.sunset);
  const resource = options.resource ?? resourceOf(publicUrl);
  const resourceMetadata = resource === undefined ? undefined : protectedResourceMetadataUrl(resource);
  return { validator, features, resourceMetadata, sunset, publicUrl, certificateHeader, onJudgement, onUnavailable };
}

function isValidator(value: unknown): boolean {
  const validator = value as Partial<Validator> | null | undefined;
  const { judge, judgeHeader, openSides, dpopChallenge } = validator ?? {};
  return [judge, judgeHeader, openSides, dpopChallenge].every((method) => typeof method === 'function');
}

function isFeatureAccess(value: unknown): boolean {
  return typeof (value as Partial<FeatureAccess> | null)?.hasAccess === 'function';
}
