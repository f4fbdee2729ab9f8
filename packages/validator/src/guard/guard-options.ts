import type { FeatureAccess, Judgement, UnavailableError } from '@crossfade/core';
import { customOption } from '@crossfade/core/schema';
import { z } from 'zod';
import type { Validator } from '../judge/validator.ts';
import type { CertificateHeader, ProofSources } from '../request/read-request-proof.ts';
import { protectedResourceMetadataUrl, resourceSchema } from './protected-resource-metadata.ts';

/** What a guard needs of a validator. */
export type GuardingValidator = Pick<Validator, 'judge' | 'judgeHeader' | 'openSides' | 'dpopChallenge'>;

/** Options of every adapter. */
export interface GuardOptions<R> {
  readonly validator: GuardingValidator;
  /** Says which features are open, for routes that belong to one. */
  readonly features?: FeatureAccess;
  /**
   * The resource identifier of the API (RFC 9728 §1.2). Challenges then point to its metadata, which
   * `protectedResource` of the same adapter serves.
   */
  readonly resource?: string;
  /**
   * The origin that clients use, such as `https://api.example.com`: proofs of possession name it (RFC 9449 §4.3).
   * Needed behind a proxy that terminates TLS. Default: as the server sees the request.
   */
  readonly origin?: string;
  /**
   * The header in which a proxy forwards the client's certificate (RFC 8705). Only for a proxy that sets or removes it
   * on every request: otherwise any client can claim a certificate. Default: the certificate of the connection itself.
   */
  readonly certificateHeader?: CertificateHeader;
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

/** The options of a guard, checked. */
export interface GuardSettings<R> extends ProofSources {
  readonly validator: GuardingValidator;
  readonly features: FeatureAccess | undefined;
  readonly resourceMetadata: string | undefined;
  readonly onJudgement: ((judgement: Judgement, request: R) => void) | undefined;
  readonly onUnavailable?: ((error: UnavailableError, request: R) => void) | undefined;
}

const ORIGIN = 'must be an origin such as https://api.example.com, without a path';
const HEADER = 'must be { name, format }: a header name, and rfc9440, nginx or envoy';

/** The options of a guard, as fields of a schema. */
export const guardShape = {
  validator: customOption<GuardingValidator>(
    isValidator,
    'a validator, with judge, judgeHeader, openSides and dpopChallenge',
  ),
  features: customOption<FeatureAccess>(isFeatureAccess, 'an object with the function hasAccess').optional(),
  resource: resourceSchema.optional(),
  origin: z
    .string(ORIGIN)
    .refine((text) => URL.canParse(text) && new URL(text).origin === text, ORIGIN)
    .optional(),
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
  onJudgement: customOption<() => void>((value) => typeof value === 'function', 'a function').optional(),
  onUnavailable: customOption<() => void>((value) => typeof value === 'function', 'a function').optional(),
};

/** Fills in what the options of a guard leave out. */
export function guardSettings<R>(options: z.output<z.ZodObject<typeof guardShape>>): GuardSettings<R> {
  const { validator, features, resource, origin, certificateHeader, onJudgement, onUnavailable } = options;
  const resourceMetadata = resource === undefined ? undefined : protectedResourceMetadataUrl(resource);
  return { validator, features, resourceMetadata, origin, certificateHeader, onJudgement, onUnavailable };
}

function isValidator(value: unknown): boolean {
  const validator = value as Partial<Validator> | null | undefined;
  const { judge, judgeHeader, openSides, dpopChallenge } = validator ?? {};
  return [judge, judgeHeader, openSides, dpopChallenge].every((method) => typeof method === 'function');
}

function isFeatureAccess(value: unknown): boolean {
  return typeof (value as Partial<FeatureAccess> | null)?.hasAccess === 'function';
}
