/** Judged requests with a token, and those of them that were rejected; without those that a brownout refused. */
export interface RequestCounts {
  readonly requests: number;
  readonly rejected: number;
}

/** Requests by audience class, those without a token among them (`none`). */
export type AudienceCounts = Readonly<Record<string, number>>;

/** What happened to requests around the last step. */
export type StepEvidence =
  /** From Prometheus: windows of equal length right before and right after the step. */
  | {
      readonly kind: 'compared';
      readonly windowMs: number;
      readonly before: RequestCounts;
      readonly after: RequestCounts;
      /** Valid tokens that the API refused since the step. */
      readonly validUnauthorized: number;
      /** Tokens that the plan refuses and the API took since the step. */
      readonly disagreements: number;
    }
  /** From sidecars: since they started, which tells no step apart. */
  | ({ readonly kind: 'counted'; readonly validUnauthorized: number; readonly disagreements: number } & RequestCounts)
  /** No step is recorded. */
  | { readonly kind: 'none' }
  /** It cannot be told, and why. */
  | { readonly kind: 'unknown'; readonly why: string };
