export type { IssuanceStorage } from './remote/issuance-storage.ts';
export { createRemoteSource, type RemoteSource, type RemoteSourceOptions } from './remote/remote-source.ts';
