export type { FlagStore } from './flag-store.ts';
export type { IdentityProvider, IdentityProviderOptions, ProtectedResource } from './identity-provider.ts';
export { startIdentityProvider } from './identity-provider.ts';
export type { Lab } from './lab.ts';
export { startLab } from './lab.ts';
export type { Ledger, RequestOutcome, Tally } from './ledger.ts';
export type { Rehearsal } from './report.ts';
