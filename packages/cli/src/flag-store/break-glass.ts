import { ACCEPT_LEGACY_FLAG, ISSUE_TARGET_FLAG, type MigrationPlan } from '@crossfade/core';
import { appConfigCommands, quote } from './appconfig-commands.ts';
import { memoryPath, recallStore, type StoreMemory } from './store-memory.ts';

const DOCUMENT_FILE = '/tmp/crossfade-flags.json';

/**
 * Lists the steps to roll back by hand when Crossfade cannot use the flag store: text for a POSIX shell, with what to know as
 * comments, so that all of it can be pasted. No apostrophe in a comment: an interactive zsh takes comments for commands. Ids, region and numbers are those that were read last.
 */
export async function breakGlass(plan: Pick<MigrationPlan, 'flags' | 'migration'>): Promise<readonly string[]> {
  const memory = await recallStore(plan);
  return [
    `# The goal: "${ISSUE_TARGET_FLAG}" is { "enabled": false } and "${ACCEPT_LEGACY_FLAG}" is { "enabled": true }, for every reader.`,
    ...(plan.flags.source === 'file' ? fileSteps(plan.flags.path) : appConfigSteps(plan, plan.flags, memory)),
    ...overrideSteps(memory),
  ];
}

function fileSteps(path: string): readonly string[] {
  return [
    `# On the machine that has it, edit ${path}, or replace it as a whole:`,
    `printf '%s' ${quote(documentText({}))} > ${quote(`${path}.new`)} && mv ${quote(`${path}.new`)} ${quote(path)}`,
  ];
}

function appConfigSteps(
  plan: Pick<MigrationPlan, 'flags' | 'migration'>,
  flags: Exclude<MigrationPlan['flags'], { readonly source: 'file' }>,
  memory: StoreMemory | undefined,
): readonly string[] {
  const { application, environment, profile } = flags;
  const given = flags.source === 'appconfig' ? flags : undefined;
  const region = given?.region ?? memory?.region ?? undefined;
  const path = memoryPath(plan);
  const origin =
    memory === undefined
      ? 'Nothing was read of it from here before'
      : `Ids, region and numbers are as of ${memory.readAt} (${path})`;
  return [
    `# In AWS AppConfig: application ${application}, environment ${environment}, profile ${profile}. ${origin}.`,
    ...(given === undefined
      ? [
          '# An AppConfig Agent only reads. With credentials that may write, Crossfade does the same by:',
          `CROSSFADE_FLAGS_SOURCE=appconfig CROSSFADE_FLAGS_APPLICATION=${quote(application)} CROSSFADE_FLAGS_ENVIRONMENT=${quote(environment)} CROSSFADE_FLAGS_PROFILE=${quote(profile)} crossfade rollback`,
        ]
      : []),
    '# Log in first, if that is what fails: aws sso login, aws configure, or AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and',
    '# AWS_SESSION_TOKEN. Who you are then:',
    'aws sts get-caller-identity',
    ...(region === undefined
      ? ['# No region is known: set the one that holds the profile first.', 'export AWS_REGION=<region>']
      : []),
    ...appConfigCommands(
      { application, environment, profile, region, endpoint: given?.endpoint ?? memory?.endpoint ?? undefined },
      memory,
    ),
    '# The console does the same; https://health.aws.amazon.com tells of an outage of AppConfig.',
  ];
}

/** A reader that is told by its environment needs no store at all. */
function overrideSteps(memory: StoreMemory | undefined): readonly string[] {
  return [
    '# Without any store, on each machine of the login service: give it a document of its own, and restart it with these',
    '# two variables. Take them away, and restart it, before the next move: it follows no store while they are set.',
    `printf '%s' ${quote(documentText(memory?.features ?? {}))} > ${DOCUMENT_FILE}`,
    `export CROSSFADE_FLAGS_SOURCE=file CROSSFADE_FLAGS_PATH=${DOCUMENT_FILE}`,
    '# If legacy was closed, the APIs and sidecars need them first: until they accept legacy, its tokens get 401.',
  ];
}

/** The whole document, all-legacy, with the feature flags as they were read last. */
function documentText(features: Readonly<Record<string, boolean>>): string {
  const others = Object.entries(features).map(([name, enabled]) => [name, { enabled }] as const);
  return JSON.stringify({
    ...Object.fromEntries(others),
    [ISSUE_TARGET_FLAG]: { enabled: false },
    [ACCEPT_LEGACY_FLAG]: { enabled: true },
  });
}
