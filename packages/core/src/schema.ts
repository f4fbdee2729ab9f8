/** Building blocks of zod schemas for settings: one rule and one wording, whatever reads the setting. */
export { didYouMean } from './schema/did-you-mean.ts';
export type { Expected } from './schema/expected.ts';
export { customOption, expected, isObject, text, texts } from './schema/expected.ts';
export { schemaProblems } from './schema/schema-problems.ts';
export type { UrlParts } from './schema/secure-url.ts';
export { isSecureUrl } from './schema/secure-url.ts';
export { oneIdentity, sideRules } from './schema/side-rules.ts';
