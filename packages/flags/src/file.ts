export { createFileSource, type FileSourceOptions } from './file/file-source.ts';
export { createFileWriter, type FileWriterOptions } from './file/file-writer.ts';
export type { PolledFlagSource } from './polling/polled-source.ts';
