export { createOpenFeatureProvider, type OpenFeatureProviderOptions } from './openfeature/openfeature-provider.ts';
