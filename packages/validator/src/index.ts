export type { SignatureAlgorithm } from '@crossfade/core';
export { SIGNATURE_ALGORITHMS } from '@crossfade/core';
export type { DpopNonceOptions, DpopOptions } from './dpop/dpop-options.ts';
export type { MemoryReplayStoreOptions } from './dpop/memory-replay-store.ts';
export { createMemoryReplayStore } from './dpop/memory-replay-store.ts';
export type { ReplayStore } from './dpop/replay-store.ts';
export type { ProtectedResourceMetadata, ProtectedResourceOptions } from './guard/protected-resource-metadata.ts';
export { protectedResourceMetadata, protectedResourceMetadataUrl } from './guard/protected-resource-metadata.ts';
export type { HttpRejection } from './guard/rejection-response.ts';
export { rejectionResponse, unavailableResponse } from './guard/rejection-response.ts';
export type { RequestMeter } from './guard/request-meter.ts';
export type { SunsetHeaders } from './guard/sunset-headers.ts';
export { sunsetHeaders } from './guard/sunset-headers.ts';
export type { IntrospectionOptions } from './introspection/introspection-options.ts';
export type { BrownoutStatus } from './judge/brownout.ts';
export { TokenRejectedError } from './judge/token-rejected-error.ts';
export type { OpenSide, Validator } from './judge/validator.ts';
export { createValidator } from './judge/validator.ts';
export type { KeyStatus } from './keys/issuer-keys.ts';
export type { KeyRefreshOptions } from './keys/key-refresh-options.ts';
export type { JSONWebKeySet, KeySetReport } from './keys/key-set.ts';
export { reportKeySet } from './keys/key-set.ts';
export type { KeySnapshot, KeyStore } from './keys/key-store.ts';
export { authorizationValues, readBearerToken, readDpopToken } from './request/bearer-token.ts';
export type { CertificateHeaderFormat } from './request/certificate.ts';
export {
  certificateThumbprint,
  forwardedCertificateThumbprint,
  peerCertificateThumbprint,
} from './request/certificate.ts';
export type { JudgementContext, RequestProof, TokenScheme } from './request/judgement-context.ts';
export type { PreflightSigns } from './request/preflight.ts';
export { isPreflight } from './request/preflight.ts';
export { UNREADABLE_TOKEN } from './request/presented-token.ts';
export type { SeenRequest } from './request/public-url.ts';
export { clientUrl } from './request/public-url.ts';
export type { Denylist, DenylistClaim, IsRevoked, Revocation } from './revocation/denylist.ts';
export type { MemoryDenylistOptions } from './revocation/memory-denylist.ts';
export { createMemoryDenylist } from './revocation/memory-denylist.ts';
export { validatorOptions } from './settings/plan-options.ts';
export type {
  CacheOptions,
  SideOptions,
  ValidatorOptions,
} from './settings/validator-options.ts';
export type { CacheStatus } from './tokens/verified-cache.ts';
