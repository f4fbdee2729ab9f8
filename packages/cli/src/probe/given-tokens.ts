import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConfigError, errorCode, type Problem, SIDES, type Side } from '@crossfade/core';
import type { Invocation } from '../verb/verb.ts';

/** The tokens that an operator hands in, each absent if it was not. */
export type GivenTokens = Readonly<Partial<Record<string, string>>>;

/** What reading given tokens takes. */
type TokenInput = Pick<Invocation, 'options' | 'env' | 'cwd' | 'input'>;

/**
 * Reads the token of each name from `--<name>-token-file` (a path, or `-` for stdin) or `--<name>-token-env` (the name of a
 * variable). Two tokens from stdin stand in two lines, in the order of `names`.
 * @throws `ConfigError` with every option that is wrong. Never says a token.
 */
export async function readGivenTokens(input: TokenInput, names: readonly string[] = SIDES): Promise<GivenTokens> {
  const { options } = input;
  const fromStdin = names.filter((name) => options.text(`${name}-token-file`) === '-');
  const lines = fromStdin.length === 0 ? [] : tokenLines(await input.input());
  const problems: Problem[] = [];
  const tokens: Record<string, string> = {};
  if (fromStdin.length > 0 && lines.length !== fromStdin.length) {
    const expected =
      fromStdin.length === 1 ? 'one line with a token' : `${fromStdin.length} lines: ${fromStdin.join(', ')}`;
    problems.push({ path: '-', message: `stdin has ${lines.length} lines with text: expected ${expected}` });
  }
  for (const name of names) {
    const read = fromStdin.includes(name)
      ? { token: lines[fromStdin.indexOf(name)] ?? '' }
      : await readOne(name, input);
    if (read === undefined) continue;
    if ('problem' in read) problems.push(read.problem);
    else tokens[name] = read.token;
  }
  if (problems.length > 0) throw new ConfigError('tokens', problems);
  return tokens;
}

/** Reads two tokens from stdin, the legacy one first. */
export async function readTokenPair(input: TokenInput): Promise<Readonly<Record<Side, string>>> {
  const [legacy, target, ...more] = tokenLines(await input.input());
  if (legacy !== undefined && target !== undefined && more.length === 0) return { legacy, target };
  const message = 'stdin must have two lines: the legacy token, then the target token';
  throw new ConfigError('tokens', [{ path: '-', message }]);
}

function tokenLines(text: string): readonly string[] {
  return text
    .split('\n')
    .map(bare)
    .filter((line) => line !== '');
}

function bare(text: string): string {
  return text.trim().replace(/^Bearer +/i, '');
}

type Read = { readonly token: string } | { readonly problem: Problem };

async function readOne(name: string, { options, env, cwd }: TokenInput): Promise<Read | undefined> {
  const [file, variable] = [options.text(`${name}-token-file`), options.text(`${name}-token-env`)];
  const problem = (option: string, message: string): Read => ({
    problem: { path: `--${name}-token-${option}`, message },
  });
  if (file !== undefined && variable !== undefined) return problem('env', `must be left out with --${name}-token-file`);
  if (variable !== undefined) {
    const token = bare(env[variable] ?? '');
    return token === ''
      ? problem('env', 'names a variable that is not set, or empty: export the token in it')
      : { token };
  }
  if (file === undefined) return undefined;
  try {
    const [token, ...more] = tokenLines(await readFile(resolve(cwd, file), 'utf8'));
    if (token === undefined) return problem('file', 'is empty: expected one token');
    return more.length > 0 ? problem('file', 'has several lines with text: expected one token') : { token };
  } catch (error) {
    return problem('file', `cannot be read (${errorCode(error) ?? 'unknown reason'})`);
  }
}
