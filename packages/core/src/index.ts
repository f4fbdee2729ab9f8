export type { FeatureAccess, FeatureRequest } from './flags/feature-access.ts';
export type { Brownout, FlagDocument, FlagDocumentResult } from './flags/flag-document.ts';
export {
  ACCEPT_LEGACY_FLAG,
  activeBrownout,
  BROWNOUT_FLAG,
  canonicalFlags,
  DEFAULT_FLAG_DOCUMENT,
  ISSUE_TARGET_FLAG,
  lastMoveMs,
  MAX_BROWNOUT_MS,
  parseFlagDocument,
} from './flags/flag-document.ts';
export { editFlagDocument } from './flags/flag-edit.ts';
export type {
  AppConfigHandles,
  BrownoutSwitch,
  FlagRefreshResult,
  FlagSnapshot,
  FlagSource,
  FlagWriter,
  MoveNote,
  MoveState,
  RecordedMove,
  RecordedPosition,
  RunningDeployment,
  StoredFlags,
  SwitchChange,
  WriteReceipt,
} from './flags/flag-source.ts';
export { acceptanceSwitch, brownoutSwitch, FLAG_REFRESH_RESULTS, issuanceSwitch } from './flags/flag-source.ts';
export type { FlagsComparison, HeldFlags } from './flags/held-flags.ts';
export { compareFlags, isOtherStore } from './flags/held-flags.ts';
export type { AcceptedSide, EvidenceWindow, SideResponses } from './gate/accepted-side.ts';
export { acceptedSide } from './gate/accepted-side.ts';
export type { DisagreementKind } from './gate/disagreements.ts';
export { describeDisagreements, describeReasons, mergeDisagreements } from './gate/disagreements.ts';
export type { DrainCheck, DrainCheckName, DrainVerdict, Verdict } from './gate/drain-check.ts';
export { DRAIN_CHECKS } from './gate/drain-check.ts';
export { describeDrainEta, describeEarliestPass } from './gate/drain-eta.ts';
export type { DrainPlan } from './gate/drain-verdict.ts';
export { DRAIN_CHECK, drainVerdict, drainWindowMs, sessionHorizonMs } from './gate/drain-verdict.ts';
export type { Disagreements, Evidence, MeterEvidence, OpenConnections } from './gate/evidence.ts';
export type { LegacyHold, LegacySighting, Reopening } from './gate/legacy-hold.ts';
export { legacyHold } from './gate/legacy-hold.ts';
export type { MintCounts, Minting } from './gate/minting.ts';
export { describeMinting, mintedForLegacy } from './gate/minting.ts';
export type {
  BadMoment,
  RecordedDrain,
  RecordedDrainPlan,
  RecordedEvidence,
  RecordedService,
  RecordedWindows,
  RulesMissing,
  WatchBegan,
} from './gate/recorded-drain.ts';
export { BAD_MOMENTS } from './gate/recorded-drain.ts';
export { recordedVerdict } from './gate/recorded-verdict.ts';
export { recordedTrouble } from './gate/recorded-watch.ts';
export type { RunbookName } from './gate/runbook-names.ts';
export { RUNBOOK_OF_CHECK, RUNBOOK_OF_GUARD, RUNBOOK_OF_PHASE, RUNBOOKS } from './gate/runbook-names.ts';
export type {
  Decision,
  FleetEvidence,
  GuardName,
  Move,
  Refusal,
  Situation,
  Soak,
  Transition,
  Verb,
} from './gate/transition.ts';
export { decideMove, GUARD, GUARDS, TRANSITIONS } from './gate/transition.ts';
export { canonicalPlan } from './plan/canonical-plan.ts';
export type { LegacySunset } from './plan/legacy-sunset.ts';
export { legacySunset } from './plan/legacy-sunset.ts';
export type {
  AgentFlagsPlan,
  AppConfigFlagsPlan,
  AppConfigLocation,
  ClaimRule,
  ExchangePlan,
  FileFlagsPlan,
  FlagsPlan,
  GatePlan,
  IntrospectionPlan,
  KeysPlan,
  MigrationPlan,
  ObservationPlan,
  PrometheusPlan,
  RevocationPlan,
  RolesClaim,
  SidecarPlan,
  SidePlan,
} from './plan/plan.ts';
export { parseObservationPlan, parsePlan, planJsonSchema, requireSides } from './plan/plan-schema.ts';
export { secretProblem } from './plan/plan-secret.ts';
export type { ApiResponse, ApiVerdict } from './vocabulary/api-response.ts';
export { BROWNOUT_PARAMETER, isGrpc, readApiResponse, sideOfValidToken } from './vocabulary/api-response.ts';
export type {
  AudienceClass,
  AudienceIdentity,
  AudiencePair,
  MigrationClass,
  TokenAddress,
} from './vocabulary/audience-class.ts';
export { AUDIENCE_CLASSES, classifyAudience, isVerifiedClass, sideName } from './vocabulary/audience-class.ts';
export type { LoginOutcome, MintedSide, RefreshOutcome } from './vocabulary/client-outcome.ts';
export { LOGIN_OUTCOMES, MINTED_SIDES, REFRESH_OUTCOMES } from './vocabulary/client-outcome.ts';
export type { Clock } from './vocabulary/clock.ts';
export { formatDuration, parseDurationMs } from './vocabulary/duration.ts';
export type { CrossfadeErrorCode, Dependency, Problem } from './vocabulary/error.ts';
export {
  ConfigError,
  ConflictError,
  CrossfadeError,
  DEPENDENCIES,
  describeProblem,
  errorCode,
  UnavailableError,
} from './vocabulary/error.ts';
export { describeMoment, formatInstant } from './vocabulary/instant.ts';
export type {
  AcceptedJudgement,
  AccessToken,
  DpopChallenge,
  Judgement,
  Outcome,
  RejectedJudgement,
  RejectedToken,
} from './vocabulary/judgement.ts';
export { attachRejectedToken, OUTCOMES, rejectAccepted } from './vocabulary/judgement.ts';
export { isLoopbackHost } from './vocabulary/loopback-host.ts';
export { isBearerToken, isScopeToken } from './vocabulary/oauth-syntax.ts';
export type { Phase } from './vocabulary/phase.ts';
export { commandedPhase, derivePhase, PHASES } from './vocabulary/phase.ts';
export type { RejectionReason, UnverifiedReason } from './vocabulary/rejection-reason.ts';
export { REJECTION_REASONS, UNVERIFIED_REASONS } from './vocabulary/rejection-reason.ts';
export type { RequestParameters, Selection, SelectionReason } from './vocabulary/selection.ts';
export { SELECTION_REASONS } from './vocabulary/selection.ts';
export type { Side } from './vocabulary/side.ts';
export { SIDES } from './vocabulary/side.ts';
export type { SignatureAlgorithm } from './vocabulary/signature-algorithm.ts';
export { SIGNATURE_ALGORITHMS } from './vocabulary/signature-algorithm.ts';
export type {
  Acceptance,
  AcceptanceSwitch,
  Issuance,
  IssuanceSwitch,
  ObservedAcceptance,
  SwitchPosition,
} from './vocabulary/switch-position.ts';
