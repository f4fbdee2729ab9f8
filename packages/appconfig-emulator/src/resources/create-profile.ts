import { parseSchema } from '../flags/check-schema.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { checkQuota } from '../store/quota.ts';
import {
  type Application,
  type ConfigurationProfile,
  FEATURE_FLAGS,
  FREEFORM,
  type Store,
  type Validator,
} from '../store/store.ts';

/** The parameters of `CreateConfigurationProfile` except the name, in AWS's names. */
export interface NewProfile {
  readonly Type?: string | undefined;
  readonly Description?: string | undefined;
  readonly Validators?: readonly Validator[] | undefined;
}

/** @throws {AwsError} ServiceQuotaExceededException, or BadRequestException when the validators do not fit the type. */
export function createProfile(
  store: Store,
  application: Application,
  name: string,
  rest: NewProfile,
): ConfigurationProfile {
  checkQuota('configuration profiles', application.profiles.size);
  const { Type = FREEFORM, Description, Validators = [] } = rest;
  checkValidators(Type, Validators);
  const profile: ConfigurationProfile = {
    id: store.nextId(),
    type: Type,
    locationUri: 'hosted',
    name,
    description: Description,
    validators: Validators,
    latestVersionNumber: 0,
    versions: new Map(),
    createdAtMs: store.now(),
    lastReadAtMs: null,
  };
  application.profiles.set(profile.id, profile);
  return profile;
}

/** @throws {AwsError} BadRequestException when the validators do not fit the type of the profile, or are not schemas. */
export function checkValidators(type: string, given: readonly Validator[] = []): void {
  const schemas = given.filter((validator) => validator.Type === 'JSON_SCHEMA');
  if (type === FEATURE_FLAGS && schemas.length > 0) {
    throw new AwsError(
      'BadRequestException',
      `JSON_SCHEMA validators work on freeform profiles only, not on ${FEATURE_FLAGS}`,
    );
  }
  for (const { Content } of schemas) parseSchema(Content);
}
