import { appendFile, readFile, stat } from 'node:fs/promises';
import { errorCode, formatInstant, type MoveNote, type RecordedMove, type RecordedPosition } from '@crossfade/core';
import { z } from 'zod';
import { replaceFile } from '../disk-cache/replace-file.ts';

/** The record is cut to its newer half when it grows beyond this. */
const MAX_BYTES = 524_288;

const position = z.object({ percent: z.number(), acceptance: z.enum(['both', 'target']) });
const line = z.object({
  at: z.iso.datetime().transform((value) => Date.parse(value)),
  revision: z.string(),
  verb: z.string(),
  operator: z.string(),
  reason: z.string().exactOptional(),
  skipped: z.array(z.string()).readonly().exactOptional(),
  evidence: z.string().exactOptional(),
  from: position.exactOptional(),
  to: position,
});

export interface FileMove {
  readonly atMs: number;
  readonly revision: string;
  readonly from?: RecordedPosition;
  readonly to: RecordedPosition;
}

/** The record of moves beside a flag file: one JSON object a line. */
export function historyPath(path: string): string {
  return `${path}.history.ndjson`;
}

export async function appendMove(path: string, { atMs, ...move }: FileMove, note: MoveNote): Promise<void> {
  const file = historyPath(path);
  await cutOld(file);
  await appendFile(file, `${JSON.stringify({ at: formatInstant(atMs), ...move, ...note })}\n`);
}

/** Reads the record, newest first. Lines that are no moves are left out; a missing record is empty. */
export async function readMoves(path: string, limit: number): Promise<readonly RecordedMove[]> {
  const lines = (await read(historyPath(path))).split('\n').filter((text) => text !== '');
  return lines
    .toReversed()
    .flatMap((text) => {
      const { data } = line.safeParse(parse(text));
      if (data === undefined) return [];
      const { at, ...move } = data;
      return [{ ...move, atMs: at, state: 'written' as const, id: `revision ${data.revision}` }];
    })
    .slice(0, limit);
}

async function cutOld(file: string): Promise<void> {
  const size = await stat(file).then(
    (stats) => stats.size,
    () => 0,
  );
  if (size <= MAX_BYTES) return;
  const lines = (await read(file)).split('\n');
  await replaceFile(file, lines.slice(Math.floor(lines.length / 2)).join('\n'));
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
