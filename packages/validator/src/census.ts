/** What tokens say of themselves before anything is verified: for a census of what arrives, never for a decision. */
export type { TokenDescription } from './tokens/describe-token.ts';
export { describeToken } from './tokens/describe-token.ts';
