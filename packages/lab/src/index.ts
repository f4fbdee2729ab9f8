export type { IdentityProvider, IdentityProviderOptions, ProtectedResource } from './identity-provider.ts';
export { startIdentityProvider } from './identity-provider.ts';
export type { LabCommand, LabOptions } from './options.ts';
export { parseOptions } from './options.ts';
