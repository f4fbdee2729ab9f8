export type { AudienceClass, AudienceIdentity, AudiencePair, MigrationClass, TokenAddress } from './audience-class.ts';
export { AUDIENCE_CLASSES, classifyAudience } from './audience-class.ts';
export type { Clock } from './clock.ts';
export { describeDrainEta, describeEarliestPass } from './drain-eta.ts';
export type { DrainCheck, DrainCheckName, DrainPlan, DrainVerdict, Verdict } from './drain-verdict.ts';
export { DRAIN_CHECK, DRAIN_CHECKS, drainVerdict, drainWindowMs } from './drain-verdict.ts';
export { formatDuration, parseDurationMs } from './duration.ts';
export type { CrossfadeErrorCode, Problem } from './error.ts';
export { ConfigError, ConflictError, CrossfadeError, describeProblem, errorCode, UnavailableError } from './error.ts';
export type { Evidence, MeterEvidence } from './evidence.ts';
export type { FeatureAccess, FeatureRequest } from './feature-access.ts';
export type { FlagDocument, FlagDocumentResult } from './flag-document.ts';
export {
  ACCEPT_LEGACY_FLAG,
  DEFAULT_FLAG_DOCUMENT,
  ISSUE_TARGET_FLAG,
  parseFlagDocument,
} from './flag-document.ts';
export { editFlagDocument } from './flag-edit.ts';
export type {
  FlagRefreshResult,
  FlagSnapshot,
  FlagSource,
  FlagWriter,
  StoredFlags,
  SwitchChange,
  WriteReceipt,
} from './flag-source.ts';
export { acceptanceSwitch, FLAG_REFRESH_RESULTS, issuanceSwitch } from './flag-source.ts';
export { describeMoment, formatInstant } from './instant.ts';
export type {
  AcceptedJudgement,
  AccessToken,
  DpopChallenge,
  Judgement,
  Outcome,
  RejectedJudgement,
} from './judgement.ts';
export { OUTCOMES } from './judgement.ts';
export { isLoopbackHost } from './loopback-host.ts';
export { isBearerToken, isScopeToken } from './oauth-syntax.ts';
export type { Phase } from './phase.ts';
export { derivePhase, PHASES } from './phase.ts';
export type {
  AgentFlagsPlan,
  AppConfigFlagsPlan,
  AppConfigLocation,
  ClaimRule,
  FileFlagsPlan,
  FlagsPlan,
  GatePlan,
  MigrationPlan,
  RolesClaim,
  SidecarPlan,
  SidePlan,
} from './plan.ts';
export { parsePlan, planJsonSchema } from './plan-schema.ts';
export type { RejectionReason } from './rejection-reason.ts';
export { REJECTION_REASONS } from './rejection-reason.ts';
export type { Selection, SelectionReason } from './selection.ts';
export { SELECTION_REASONS } from './selection.ts';
export type { Side } from './side.ts';
export { SIDES } from './side.ts';
export type {
  Acceptance,
  AcceptanceSwitch,
  Issuance,
  IssuanceSwitch,
  ObservedAcceptance,
  SwitchPosition,
} from './switch-position.ts';
export type { Decision, FleetEvidence, GuardName, Move, Refusal, Situation, Transition, Verb } from './transition.ts';
export { decideMove, GUARD, GUARDS, TRANSITIONS } from './transition.ts';
