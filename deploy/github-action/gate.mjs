// Runs `crossfade gate --json` in a job of GitHub Actions, shows each check, and ends with the gate's own exit code.
import { spawnSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const { INPUT_CONFIG, INPUT_CLI, INPUT_WAIT, RUNNER_TEMP, GITHUB_OUTPUT, GITHUB_STEP_SUMMARY } = process.env;

const [program, ...before] = (INPUT_CLI ?? '').split(' ').filter((part) => part !== '');
if (program === undefined)
  end('error', 'cli: expected the command that runs Crossfade, such as npx --yes @crossfade/cli', 2);
const wait = INPUT_WAIT ? ['--wait', '--timeout', INPUT_WAIT] : [];
const args = [...before, 'gate', '--json', '--config', INPUT_CONFIG ?? 'crossfade.yaml', ...wait];
const { status, stdout, error } = spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
if (error) end('error', `cli: ${program} does not start (${error.code}): name a command that runs Crossfade`, 2);

const exitCode = status ?? 3;
const said = parse(stdout);
const report = join(RUNNER_TEMP ?? '.', 'crossfade-gate.json');
writeFileSync(report, stdout);
const verdict = said?.verdict ?? 'unknown';
write(GITHUB_OUTPUT, `verdict=${verdict}\nexit-code=${exitCode}\nreport=${report}\n`);

if (!said?.checks) {
  const problems = said?.error?.problems?.map(({ path, message }) => `${path}: ${message}`).join('; ');
  end('error', problems ?? said?.error?.message ?? `${program} ended with ${exitCode} and no report`, exitCode || 3);
}
const rows = said.checks.map(({ name, verdict, detail }) => `| ${name} | ${verdict} | ${cell(detail)} |\n`).join('');
const notes = said.notes.map((note) => `- ${cell(note)}\n`).join('');
write(
  GITHUB_STEP_SUMMARY,
  `### ${said.migration}: the drain gate says ${verdict}\n\n| check | verdict | detail |\n|---|---|---|\n${rows}\n${notes}`,
);
for (const { name, verdict, detail } of said.checks)
  process.stdout.write(`${verdict.padEnd(13)} ${name}: ${line(detail)}\n`);
const open = said.checks
  .filter((check) => check.verdict !== 'pass')
  .map(({ name }) => name)
  .join(', ');
if (exitCode === 0) end('notice', 'The legacy audience can be closed: crossfade close.', 0);
if (exitCode === 4) end('warning', `Not known yet, neither passed nor failed: ${open}.`, 4);
end('error', `The legacy audience must stay open: ${open}.`, exitCode);

/** Writes the annotation of the step, and ends it. */
function end(level, message, code) {
  process.stdout.write(
    `::${level} title=Crossfade gate::${message.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A')}\n`,
  );
  process.exit(code);
}

function write(path, text) {
  if (path) appendFileSync(path, text);
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One line, so that no text of a report starts a command of the runner (`::set-env`). */
function line(text) {
  return text.replace(/\s+/g, ' ');
}

function cell(text) {
  return line(text).replace(/[|<]/g, (character) => (character === '|' ? '\\|' : '&lt;'));
}
