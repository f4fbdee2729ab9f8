/** Building blocks of zod schemas for settings: one rule and one wording, whatever reads the setting. */
export { didYouMean } from './schema/did-you-mean.ts';
export { exactName, exactNames } from './schema/exact-name.ts';
export type { Expected } from './schema/expected.ts';
export { customOption, expected, isObject, text, texts } from './schema/expected.ts';
export { credential, introspectionRules } from './schema/introspection-rules.ts';
export { MAX_CLOCK_TOLERANCE_MS, MAX_TOKEN_BYTES } from './schema/limits.ts';
export { pairProblems } from './schema/pair-rules.ts';
export { schemaProblems } from './schema/schema-problems.ts';
export { SECURE_ENDPOINT } from './schema/secure-endpoint.ts';
export type { UrlParts } from './schema/secure-url.ts';
export { isSecureUrl } from './schema/secure-url.ts';
export { serviceName } from './schema/service-name.ts';
export { isIssuerUrl, KEYS, SIDE_RULES, sideRules } from './schema/side-rules.ts';
