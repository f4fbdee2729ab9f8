/** Whose last bad moments are remembered. */
export type Witness =
  | 'legacy_seen'
  | 'legacy_issued'
  | 'legacy_expiry'
  | 'unjudged'
  | 'valid_unauthorized'
  | 'verified_disagreement'
  | 'unverified_disagreement'
  | 'issuance_below_100'
  | 'legacy_counted'
  | 'after_close_counted';

/** The times that a clock which runs behind makes too early. */
export type StampedWitness =
  | 'legacy_seen'
  | 'unjudged'
  | 'valid_unauthorized'
  | 'verified_disagreement'
  | 'unverified_disagreement';
