import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HELP as EMULATOR } from '../../packages/appconfig-emulator/src/arguments.ts';
import { VERBS } from '../../packages/cli/src/usage/verbs.ts';
import { EXIT } from '../../packages/cli/src/verb/exit-code.ts';
import type { VerbDefinition } from '../../packages/cli/src/verb/verb.ts';
import { HELP as LAB } from '../../packages/lab/src/options.ts';
import { HELP as SIDECAR } from '../../packages/sidecar/src/process/command-line.ts';
import { readHelp } from './help-text.ts';
import { code, commentText, pageHead, plain, table } from './markdown.ts';

const INTRO = `Every verb of \`crossfade\`, from the texts that \`crossfade help advance\` and its like print. How they work together is in [its
README](../../packages/cli/README.md).`;

const COMMON = `## Options of every verb

| option | |
| --- | --- |
| \`--config <path>\` | the plan (default: \`crossfade.yaml\`); \`status\` takes a quoted pattern of several |
| \`--json\` | one JSON document on stdout and nothing else, by a [schema](../../packages/cli/README.md#json) |
| \`--help\`, \`-h\` | explains the verb |
| \`--version\`, \`-v\` | prints the version |

| variable | |
| --- | --- |
| \`CROSSFADE_FLAGS_*\`, \`CROSSFADE_GATE_*\`, \`CROSSFADE_SIDECAR_*\`, \`CROSSFADE_REVOCATION_*\` | override [settings of the plan](plan.md#environment) |
| \`CROSSFADE_OPERATOR\` | who moves, for the record (else user and host) |
| \`CROSSFADE_READ_TOKEN\` | the read token of the sidecars' metrics ports |
| \`CROSSFADE_CLIENT_SECRET\` | the secret of the client of \`verify\` |
| \`NO_COLOR\` | turns colour off |
`;

/** The page of every verb, and of the other programs. */
export function cliPage(): string {
  return [
    pageHead('Commands', 'the help texts and exit codes of the programs', INTRO),
    table(
      ['verb', ''],
      VERBS.map(({ name, summary }) => [`[${code(name)}](#${name})`, plain(summary)]),
    ),
    '',
    COMMON,
    '## Exit codes\n',
    table(['code', 'meaning'], exitCodes()),
    '',
    ...VERBS.map(verbSection),
    '## Other programs\n',
    ...[SIDECAR, EMULATOR, LAB].map((help) => `\`\`\`text\n${help.trimEnd()}\n\`\`\`\n`),
  ].join('\n');
}

function verbSection(verb: VerbDefinition): string {
  const { usage, paragraphs, options, exitCodes: codesOfVerb, examples } = readHelp(verb.help);
  const tables = options.map(([option, text]) => [code(option), plain(text)]);
  return [
    `## ${verb.name}\n`,
    `\`\`\`text\n${usage}\n\`\`\`\n`,
    ...paragraphs.map((paragraph) => `${plain(paragraph)}\n`),
    ...(tables.length === 0 ? [] : [`${table(['option', ''], tables)}\n`]),
    `Exit codes: ${plain(codesOfVerb)}\n`,
    `\`\`\`sh\n${examples}\n\`\`\`\n`,
    `With \`--json\`: [schema](../../packages/cli/schema/${verb.name}.schema.json).\n`,
  ].join('\n');
}

/** The exit codes by the comments in the code. */
function exitCodes(): readonly (readonly string[])[] {
  const source = readFileSync(join(import.meta.dirname, '../../packages/cli/src/verb/exit-code.ts'), 'utf8');
  const meanings = new Map(
    [...source.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n {2}(\w+): \d/g)].map(
      ([, comment = '', name = '']) => [name, commentText(comment)] as const,
    ),
  );
  return Object.entries(EXIT).map(([name, value]) => [String(value), meanings.get(name) ?? '']);
}
