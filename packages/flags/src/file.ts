export { createFileSource, type FileSourceOptions } from './file-source.ts';
export { createFileWriter, type FileWriterOptions } from './file-writer.ts';
export type { PolledFlagSource } from './polled-source.ts';
