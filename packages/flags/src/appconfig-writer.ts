export { type AppConfigWriterOptions, createAppConfigWriter } from './appconfig-writer/appconfig-writer.ts';
