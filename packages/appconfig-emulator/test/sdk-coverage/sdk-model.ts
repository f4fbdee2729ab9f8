import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import * as control from '@aws-sdk/client-appconfig';
import * as data from '@aws-sdk/client-appconfigdata';

/** An operation as the installed SDK describes it. */
export interface ModelledOperation {
  readonly name: string;
  readonly plane: 'control' | 'data';
  /** The exceptions its documentation says it throws, without the base class. */
  readonly errors: readonly string[];
}

const require = createRequire(import.meta.url);

/** Lists every operation that the installed SDK has a command for. */
export function modelledOperations(): readonly ModelledOperation[] {
  return [
    ...operationsOf('control', '@aws-sdk/client-appconfig', control),
    ...operationsOf('data', '@aws-sdk/client-appconfigdata', data),
  ];
}

function operationsOf(plane: 'control' | 'data', name: string, client: object): ModelledOperation[] {
  const commands = resolve(dirname(require.resolve(name)), '../dist-types/commands');
  return Object.keys(client)
    .filter((member) => /^[A-Z]\w+Command$/.test(member))
    .map((command) => {
      const text = readFileSync(resolve(commands, `${command}.d.ts`), 'utf8');
      const thrown = [...text.matchAll(/@throws \{@link (\w+)\}/g)].map(([, error]) => error ?? '');
      const errors = thrown.filter((error) => !error.endsWith('ServiceException'));
      return { name: command.replace(/Command$/, ''), plane, errors };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** Creates a control plane command by its operation's name, with a value for every part of its path. */
export function anyCommand(operation: string): control.ListApplicationsCommand {
  const members: Readonly<Record<string, unknown>> = { ...control };
  const Command = members[`${operation}Command`] as new (
    input: Readonly<Record<string, string>>,
  ) => control.ListApplicationsCommand;
  const labels = JSON.stringify(Reflect.get(new Command({}), 'schema')).matchAll(/\{(\w+)\}/g);
  return new Command(Object.fromEntries([...labels].map(([, label]) => [label, '1234'])));
}
