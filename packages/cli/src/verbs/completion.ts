import { ConfigError } from '@crossfade/core';
import type { VerbJson } from '../json/verb-json.ts';
import { COMPLETION_SCRIPT, SHELLS } from '../output/completion-script.ts';
import { listRunbooks } from '../runbook/read-runbook.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';

export async function run({ argument, report, verbs }: Invocation): Promise<VerbResult<VerbJson<'completion'>>> {
  const shell = SHELLS.find((name) => name === argument);
  if (shell === undefined) {
    const message = `must be ${SHELLS.slice(0, -1).join(', ')} or ${SHELLS.at(-1)}`;
    throw new ConfigError('completion', [{ path: '<shell>', message }]);
  }
  const values: Readonly<Partial<Record<string, readonly string[]>>> = {
    completion: SHELLS,
    runbook: (await listRunbooks()).map(({ name }) => name),
  };
  const script = COMPLETION_SCRIPT[shell](
    verbs.map((verb) => ({ ...verb, ...(values[verb.name] !== undefined && { values: values[verb.name] }) })),
  );
  report.print(script.trimEnd());
  return { exitCode: EXIT.done, json: { shell, script } };
}
