import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';
import type { AccountSettings, Protectable } from './store.ts';

const DELETION_CHECKS = ['ACCOUNT_DEFAULT', 'APPLY', 'BYPASS'] as const;

/** The header that carries `DeletionProtectionCheck`. */
export const deletionHeaders = z.object({ 'x-amzn-deletion-protection-check': z.enum(DELETION_CHECKS).optional() });

const MINUTE_MS = 60_000;
const YOUNG_MS = 60 * MINUTE_MS;

/**
 * Refuses to delete a resource in use, if the account or the caller asks for that.
 * @throws {AwsError} BadRequestException when it was read within the protection period.
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
      'To delete it anyway, set DeletionProtectionCheck to BYPASS',
  );
}
