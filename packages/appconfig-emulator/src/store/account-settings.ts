/** What holds for the whole account, in AWS's names. */
export interface AccountSettings {
  DeletionProtection: { readonly Enabled: boolean; readonly ProtectionPeriodInMinutes: number };
  /** Stored only: nothing here vends metrics. */
  VendedMetrics?: { readonly Enabled: boolean };
}

/** As an account that was never touched has them. */
export function createAccountSettings(): AccountSettings {
  return { DeletionProtection: { Enabled: false, ProtectionPeriodInMinutes: 60 } };
}
