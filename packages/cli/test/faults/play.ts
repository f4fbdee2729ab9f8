import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { FlagDocument } from '@crossfade/core';
import { run } from '../../src/index.ts';
import type { Fault, Typing } from './fault-list.ts';
import { openSite, type Site } from './site.ts';
import { VERBS, type VerbName } from './verb-list.ts';

const BIN = resolve(import.meta.dirname, '../../bin/crossfade.js');

/** What became of a verb while a fault was on. */
export interface Outcome {
  readonly verb: VerbName;
  readonly exitCode: number;
  /** What it printed on both streams, in the order in which an operator sees it, without figures that change. */
  readonly lines: readonly string[];
  /** Whether the switches in the store stand otherwise than before. */
  readonly isWritten: boolean;
  readonly issuance: number | undefined;
}

/** Runs a verb at a site of its own, with a fault or without one. */
export async function play(
  verb: VerbName,
  fault: Pick<Fault, 'store'> & Partial<Pick<Fault, 'arrange'>>,
  issuer: string,
): Promise<Outcome> {
  const site = await openSite({ store: fault.store, position: VERBS[verb].position, issuer });
  const undo: (() => unknown)[] = [() => site.close()];
  const interrupt = new AbortController();
  try {
    const before = await site.storedFlags();
    const typing = (await fault.arrange?.(site, undo, () => interrupt.abort())) ?? {};
    const { exitCode, output } = await type(verb, site, typing, interrupt);
    const after = await site.storedFlags().catch(() => undefined);
    return {
      verb,
      exitCode,
      lines: mask(output, site)
        .split('\n')
        .filter((line) => line !== ''),
      isWritten: after !== undefined && switches(before) !== switches(after),
      issuance: after?.issuance.percent,
    };
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

function switches(document: FlagDocument | undefined): string {
  const { acceptance, issuance, brownout } = document ?? {};
  return JSON.stringify([acceptance, issuance?.percent, brownout?.percent]);
}

async function type(
  verb: VerbName,
  site: Site,
  { redirection, isUnattended, interruptAt, cwd = site.folder }: Typing,
  interrupt: AbortController,
): Promise<{ exitCode: number; output: string }> {
  const argv = VERBS[verb].argv.filter(
    (word) => isUnattended !== true || !['--yes', '--legacy', 'default-api'].includes(word),
  );
  if (redirection !== undefined) return shell(argv, redirection, cwd);
  let output = '';
  const write = (written: string) => {
    output += written;
    if (interruptAt?.test(output)) interrupt.abort();
  };
  const exitCode = await run(argv, {
    ...{ stdout: { write }, stderr: { write }, env: {}, cwd, operator: 'alice@laptop' },
    signal: interrupt.signal,
  });
  return { exitCode, output };
}

async function shell(argv: readonly string[], redirection: string, cwd: string) {
  const script = `"${process.execPath}" "${BIN}" "$@" ${redirection}`;
  const { PATH = '' } = process.env;
  const child = spawn('bash', ['-c', script, 'crossfade', ...argv], {
    ...{ cwd, env: { PATH, HOME: cwd, CROSSFADE_OPERATOR: 'alice@laptop' } },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    ...([text(child.stdout), text(child.stderr)] as const),
    once(child, 'close') as Promise<[number]>,
  ]);
  return { exitCode: code, output: stderr + stdout };
}

/** Takes out what differs from run to run: addresses, times, hashes, and the space that aligns labels. */
function mask(output: string, { folder, sidecars, plan, appConfig }: Site): string {
  const issuer = (plan['target'] as { issuer: string }).issuer;
  const named = sidecars.reduce(
    (masked, { url }, index) => masked.replace(new RegExp(`${url}(?!\\d)`, 'g'), `<sidecar ${index + 1}>`),
    output,
  );
  const ids = Object.values(appConfig?.seeded ?? {}).filter((id) => typeof id === 'string' && id.length > 3);
  return ids
    .reduce<string>((masked, id) => masked.replaceAll(String(id), '<id>'), named)
    .replaceAll(issuer, '<issuer>')
    .replaceAll(folder, '<folder>')
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, '<address>')
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?Z?/g, '<time>')
    .replace(/\b[0-9a-f]{12}\b/g, '<hash>')
    .replace(/\b\d+(?:\.\d+)? ?(?:ms|s|m|h|d)\b(?: \d+(?:ms|s|m|h)\b)?/g, '<duration>')
    .replace(/(process) \d+ on \S+/g, '$1 <pid>')
    .replace(/[ \t]+/g, ' ')
    .replace(/^ /gm, '');
}
