import type { Problem } from '@crossfade/core';
import type { DialectRules, SelectableSide } from './dialect.ts';
import { scopeDialect } from './scope-dialect.ts';

/**
 * Okta: an authorization server has one audience and is its own issuer, so the two sides are two issuers. The parameters
 * only name scopes; the caller sends each selection to the issuer of its side.
 * @see https://support.okta.com/help/s/article/oidc-does-okta-support-the-resource-parameter-and-audience-switching
 */
export const oktaDialect: DialectRules = { ...scopeDialect, pairProblems: twoIssuers };

function twoIssuers(legacy: SelectableSide, target: SelectableSide): Problem[] {
  if (legacy.issuer !== undefined && target.issuer !== undefined && legacy.issuer !== target.issuer) return [];
  const message = 'must be given on both sides and differ: an Okta authorization server has one audience';
  return [{ path: 'target.issuer', message }];
}
