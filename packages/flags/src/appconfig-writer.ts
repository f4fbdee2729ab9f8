export { type AppConfigWriterOptions, createAppConfigWriter } from './appconfig-writer/appconfig-writer.ts';
export { type AppConfigEnvironment, examineAppConfig } from './appconfig-writer/examine-environment.ts';
export { type ProvisionedResource, provisionAppConfig } from './appconfig-writer/provision-location.ts';
