import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';
import type { AccountSettings } from './account-settings.ts';

const DELETION_CHECKS = ['ACCOUNT_DEFAULT', 'APPLY', 'BYPASS'] as const;

/** How `DeletionProtectionCheck` travels. */
export const deletionHeaders = z.object({ 'x-amzn-deletion-protection-check': z.enum(DELETION_CHECKS).optional() });

/** What deletion protection needs to know of an environment or a configuration profile. */
export interface Protectable {
  readonly name: string;
  readonly createdAtMs: number;
  /** When `GetLatestConfiguration` last read it. */
  lastReadAtMs: number | null;
}

const MINUTE_MS = 60_000;
const YOUNG_MS = 60 * MINUTE_MS;

/**
 * Refuses to delete what is in use, when the account or the caller wants that.
 * @throws {AwsError} BadRequestException: it was read within the protection period.
 * @see https://docs.aws.amazon.com/appconfig/latest/userguide/deletion-protection.html
 */
export function checkDeletion(
  { name, createdAtMs, lastReadAtMs }: Protectable,
  {
    check = 'ACCOUNT_DEFAULT',
    settings,
    nowMs,
  }: {
    readonly check: (typeof DELETION_CHECKS)[number] | undefined;
    readonly settings: AccountSettings;
    readonly nowMs: number;
  },
): void {
  const { Enabled, ProtectionPeriodInMinutes } = settings.DeletionProtection;
  if (check === 'BYPASS') return;
  if (check === 'ACCOUNT_DEFAULT' && (!Enabled || nowMs - createdAtMs < YOUNG_MS)) return;
  if (lastReadAtMs === null || nowMs - lastReadAtMs >= ProtectionPeriodInMinutes * MINUTE_MS) return;
  throw new AwsError(
    'BadRequestException',
    `${name} is actively being used: it was read within ${ProtectionPeriodInMinutes} minutes. ` +
      'To delete it nevertheless, set DeletionProtectionCheck to BYPASS',
  );
}
