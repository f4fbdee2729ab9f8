import { ACCEPT_LEGACY_FLAG, type AppConfigLocation, ISSUE_TARGET_FLAG } from '@crossfade/core';
import type { StoreMemory } from './store-memory.ts';

/** Where AppConfig is asked: what the plan says, or what was read last. */
export interface AppConfigPlace extends AppConfigLocation {
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
}

const STRATEGY = 'crossfade-at-once';
/** How a version's record says that it is all-legacy. */
const ALL_LEGACY_RECORD = '"t":[0,"both"]';

/**
 * Writes the commands of the AWS CLI that roll back a profile, for a POSIX shell. What was not read before is looked up by a
 * command of its own, into a variable.
 */
export function appConfigCommands(place: AppConfigPlace, memory: StoreMemory | undefined): readonly string[] {
  const { region, endpoint } = place;
  const suffix = [
    ...(region === undefined ? [] : [`--region ${quote(region)}`]),
    ...(endpoint === undefined ? [] : [`--endpoint-url ${quote(endpoint)}`]),
  ];
  const aws = (command: string, ...options: readonly string[]) =>
    ['aws appconfig', command, ...options, ...suffix].join(' ');
  const look = (variable: string, command: string, query: string, ...options: readonly string[]) =>
    `${variable}=$(${aws(command, ...options, `--query ${quote(query)}`, '--output text')})`;
  const named = (variable: string, command: string, name: string, ...options: readonly string[]) =>
    look(variable, command, `Items[?Name=='${name}' || Id=='${name}'].Id | [0]`, ...options);

  const application = `--application-id ${memory?.applicationId ?? '"$APPLICATION"'}`;
  const environment = `--environment-id ${memory?.environmentId ?? '"$ENVIRONMENT"'}`;
  const profile = `--configuration-profile-id ${memory?.profileId ?? '"$PROFILE"'}`;
  const lookUps =
    memory !== undefined
      ? []
      : [
          '# The ids were never read here: look them up.',
          named('APPLICATION', 'list-applications', place.application),
          named('ENVIRONMENT', 'list-environments', place.environment, application),
          named('PROFILE', 'list-configuration-profiles', place.profile, application),
        ];
  return [
    ...lookUps,
    ...stopCommands(aws, application, environment, memory),
    ...versionCommands(aws, look, application, profile, memory),
    ...strategyCommands(look, memory),
    '# Deploy it: every reader follows at its next poll. Feature flags are then those of that version, too.',
    aws(
      'start-deployment',
      application,
      environment,
      profile,
      `--configuration-version ${memory?.legacyVersion ?? '"$VERSION"'}`,
      `--deployment-strategy-id ${memory?.strategyId ?? '"$STRATEGY"'}`,
    ),
  ];
}

type Aws = (command: string, ...options: readonly string[]) => string;
type Look = (variable: string, command: string, query: string, ...options: readonly string[]) => string;

function stopCommands(
  aws: Aws,
  application: string,
  environment: string,
  memory: StoreMemory | undefined,
): readonly string[] {
  const list = aws('list-deployments', application, environment, '--max-items 3');
  const caution =
    'leave one alone that is all-legacy already: to stop it while it bakes goes back to the version before it';
  if (memory?.running !== null && memory?.running !== undefined) {
    const { running } = memory;
    return [
      `# Deployment ${running} was in progress. See whether it is (State DEPLOYING or BAKING); ${caution}.`,
      list,
      aws('stop-deployment', application, environment, `--deployment-number ${running}`),
    ];
  }
  return [
    `# Only if one is in progress (State DEPLOYING or BAKING): stop it with aws appconfig stop-deployment; ${caution}.`,
    list,
  ];
}

function versionCommands(
  aws: Aws,
  look: Look,
  application: string,
  profile: string,
  memory: StoreMemory | undefined,
): readonly string[] {
  if (memory !== undefined && memory.legacyVersion !== null)
    return [`# Version ${memory.legacyVersion} is the newest that is all-legacy.`];
  const file = '/tmp/crossfade-all-legacy.json';
  return [
    '# No all-legacy version was read here. Look at those there are; Crossfade marks its own.',
    aws(
      'list-hosted-configuration-versions',
      application,
      profile,
      `--query ${quote(`Items[?contains(not_null(Description, ''), '${ALL_LEGACY_RECORD}')].VersionNumber`)}`,
    ),
    '# Take the newest of them (VERSION=<number>), or store one that holds the two switches and no feature flag:',
    `printf '%s' ${quote(hostedDocument())} > ${file}`,
    look(
      'VERSION',
      'create-hosted-configuration-version',
      'VersionNumber',
      application,
      profile,
      '--content-type application/json',
      `--content fileb://${file}`,
      '/dev/null',
    ),
  ];
}

function strategyCommands(look: Look, memory: StoreMemory | undefined): readonly string[] {
  const why = `# The strategy must not bake. AppConfig.AllAtOnce bakes for 10 minutes: it blocks the next deployment, and to stop it then brings the old share back.`;
  if (memory !== undefined && memory.strategyId !== null) return [why];
  return [
    why,
    look('STRATEGY', 'list-deployment-strategies', `Items[?Name=='${STRATEGY}'].Id | [0]`),
    '# If that found none (echo "$STRATEGY" says None), make it:',
    `[ "$STRATEGY" != None ] || ${look(
      'STRATEGY',
      'create-deployment-strategy',
      'Id',
      `--name ${STRATEGY}`,
      '--deployment-duration-in-minutes 0',
      '--growth-factor 100',
      '--final-bake-time-in-minutes 0',
      '--replicate-to NONE',
    )}`,
  ];
}

/** The switches, all-legacy, as AppConfig's hosted store holds feature flags. */
function hostedDocument(): string {
  return JSON.stringify({
    version: '1',
    flags: { [ISSUE_TARGET_FLAG]: { name: ISSUE_TARGET_FLAG }, [ACCEPT_LEGACY_FLAG]: { name: ACCEPT_LEGACY_FLAG } },
    values: { [ISSUE_TARGET_FLAG]: { enabled: false }, [ACCEPT_LEGACY_FLAG]: { enabled: true } },
  });
}

/** Quotes a word for a POSIX shell, if it needs it; in double quotes where that is easier to read, and means the same. */
export function quote(word: string): string {
  if (/^[\w./:@%+=,-]+$/.test(word)) return word;
  return /^[^"$`\\!]*'[^"$`\\!]*$/.test(word) ? `"${word}"` : `'${word.replaceAll("'", `'\\''`)}'`;
}
