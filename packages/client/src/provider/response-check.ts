import { type ClientError, ResponseBodyError } from 'openid-client';
import { RESPONSE_CHECKS, type ResponseCheck } from './errors.ts';

/** What an error code of openid-client means where its message and its details name no check. */
const BY_CODE: Readonly<Record<string, ResponseCheck>> = {
  OAUTH_KEY_SELECTION_FAILED: 'signature',
  OAUTH_RESPONSE_IS_NOT_CONFORM: 'status',
  OAUTH_MISSING_SERVER_METADATA: 'metadata',
  OAUTH_INVALID_SERVER_METADATA: 'metadata',
  OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED: 'metadata',
  OAUTH_PARSE_ERROR: 'id_token',
};

/** Names in openid-client's messages that are called otherwise here. */
const SYNONYMS: Readonly<Record<string, ResponseCheck>> = { error: 'response', keys: 'signature', crit: 'id_token' };

const PHRASES: readonly (readonly [RegExp, ResponseCheck])[] = [
  [/signature verification/, 'signature'],
  [/authorization code/, 'code'],
  [/JWS algorithm/, 'alg'],
  [/token_type/, 'token_type'],
  [/JW[TE]|implicit and hybrid/, 'id_token'],
];

/**
 * Names the check that failed from an error of openid-client. What it finds is one of {@link RESPONSE_CHECKS}, so that no value of
 * a response gets into an error, whatever the messages of another release contain.
 */
export function responseCheck(error: ClientError): ResponseCheck {
  const source = error.cause instanceof Error ? error.cause : error;
  const named = [detail(source.cause, 'claim'), detail(source.cause, 'attribute'), ...quotedNames(source.message)];
  const known = named.map(checkOf).find((check) => check !== undefined);
  const phrase = PHRASES.find(([pattern]) => pattern.test(source.message))?.[1];
  return known ?? phrase ?? BY_CODE[error.code ?? ''] ?? 'response';
}

function checkOf(name: string | undefined): ResponseCheck | undefined {
  if (name === undefined) return undefined;
  return RESPONSE_CHECKS.find((check) => check !== 'response' && check === name) ?? SYNONYMS[name];
}

function detail(details: unknown, member: string): string | undefined {
  if (typeof details !== 'object' || details === null || details instanceof ResponseBodyError) return undefined;
  const value = (details as Readonly<Record<string, unknown>>)[member];
  return typeof value === 'string' ? value : undefined;
}

function quotedNames(message: string): string[] {
  return [...message.matchAll(/"([a-z_]{1,32})"/g)].map(([, name = '']) => name);
}
