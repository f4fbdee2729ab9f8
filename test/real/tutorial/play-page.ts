import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Block, matches } from './page.ts';
import type { Shell } from './shell.ts';

/** How long commands may take, and how long a program in the background may need to print what the page shows. */
const COMMANDS_MS = 600_000;
const OUTPUT_MS = 30_000;

export interface Played {
  readonly line: number;
  readonly commands: string;
  readonly tookMs: number;
}

/**
 * Does what a reader does: writes each file, runs each command, and looks whether it prints what the page shows.
 * @throws at the first difference, with both.
 */
export async function playPage(blocks: readonly Block[], shell: Shell, folder: string): Promise<Played[]> {
  const played: Played[] = [];
  for (const block of blocks) {
    if (block.kind === 'file') writeFileSync(join(folder, block.path), block.text);
    else played.push(await playCommands(block, shell));
  }
  return played;
}

async function playCommands(block: Block & { kind: 'commands' }, shell: Shell): Promise<Played> {
  const { text, line, expected } = block;
  const startedMs = performance.now();
  const { exitCode } = await shell.run(text, COMMANDS_MS);
  const printed = () => shell.printed();
  const deadlineMs = performance.now() + OUTPUT_MS;
  while (expected !== undefined && !matches(printed(), expected)) {
    if (performance.now() > deadlineMs) {
      throw new Error(`line ${line} of the page:\n${text}\nprinted:\n${printed()}\nthe page shows:\n${expected}`);
    }
    await delay(20);
  }
  if (exitCode !== 0) throw new Error(`line ${line} of the page ended with ${exitCode}:\n${text}\n${printed()}`);
  return { line, commands: text, tookMs: performance.now() - startedMs };
}
