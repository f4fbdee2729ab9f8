export { authorizationValues, readBearerToken, readDpopToken } from './bearer-token.ts';
export type { CertificateHeaderFormat } from './certificate.ts';
export { certificateThumbprint, forwardedCertificateThumbprint, peerCertificateThumbprint } from './certificate.ts';
export type { DpopNonceOptions, DpopOptions } from './dpop-options.ts';
export type { IntrospectionOptions } from './introspection-options.ts';
export type { JudgementContext } from './judgement-context.ts';
export type { KeySeed, KeySnapshot } from './key-seed.ts';
export type { KeyStatus } from './key-status.ts';
export type { MemoryReplayStoreOptions } from './memory-replay-store.ts';
export { createMemoryReplayStore } from './memory-replay-store.ts';
export { validatorOptions } from './plan-options.ts';
export { UNREADABLE_TOKEN } from './presented-token.ts';
export type { ProtectedResourceMetadata, ProtectedResourceOptions } from './protected-resource-metadata.ts';
export { protectedResourceMetadata, protectedResourceMetadataUrl } from './protected-resource-metadata.ts';
export type { HttpRejection } from './rejection-response.ts';
export { rejectionResponse, unavailableResponse } from './rejection-response.ts';
export type { ReplayStore } from './replay-store.ts';
export type { RequestProof, TokenScheme } from './request-proof.ts';
export type { SignatureAlgorithm } from './signature-algorithm.ts';
export { SIGNATURE_ALGORITHMS } from './signature-algorithm.ts';
export { type ReadProof, type SoonJudge, soonestOf } from './soonest-judge.ts';
export { TokenRejectedError } from './token-rejected-error.ts';
export type { OpenSide, Validator } from './validator.ts';
export { createValidator } from './validator.ts';
export type {
  CacheOptions,
  JSONWebKeySet,
  KeyRefreshOptions,
  SideOptions,
  ValidatorOptions,
} from './validator-options.ts';
export type { CacheStatus } from './verified-cache.ts';
