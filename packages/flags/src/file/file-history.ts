import { constants, type FileHandle, open } from 'node:fs/promises';
import {
  errorCode,
  formatInstant,
  type MoveNote,
  type RecordedMove,
  type RecordedPosition,
  UnavailableError,
} from '@crossfade/core';
import { z } from 'zod';
import { describeFileFailure } from '../disk-cache/file-failure.ts';
import { replaceFile } from '../disk-cache/replace-file.ts';

/** The record is cut to its newer half when it grows beyond this. */
const MAX_BYTES = 524_288;
const MAX_READ_BYTES = 1_048_576;

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
  const { O_RDWR, O_APPEND, O_CREAT } = constants;
  const record = await openFile(file, O_RDWR | O_APPEND | O_CREAT);
  if (record === undefined) throw new UnavailableError(`${file} does not exist`);
  try {
    const isTorn = !['', '\n'].includes(await readTail(record, 1));
    const text = `${JSON.stringify({ at: formatInstant(atMs), ...move, ...note })}\n`;
    // A full disk tears a line: the next move must not become a part of it.
    await record.appendFile(isTorn ? `\n${text}` : text);
  } finally {
    await record.close();
  }
}

/**
 * Reads the record, newest first. Lines that are no moves are one entry that says so, with the time of the move before them; a
 * missing record is empty.
 * @throws `UnavailableError` when the record cannot be read.
 */
export async function readMoves(path: string, limit: number): Promise<readonly RecordedMove[]> {
  const moves: RecordedMove[] = [];
  let unreadable = 0;
  const endUnreadable = (atMs: number) => {
    if (unreadable > 0) moves.push(unreadableEntry(unreadable, atMs));
    unreadable = 0;
  };
  for (const text of (await readRecord(historyPath(path))).toReversed()) {
    if (moves.length >= limit) break;
    const { data } = line.safeParse(parse(text));
    if (data === undefined) {
      unreadable += 1;
      continue;
    }
    const { at, ...move } = data;
    endUnreadable(at);
    moves.push({ ...move, atMs: at, state: 'written', id: `revision ${data.revision}` });
  }
  endUnreadable(moves.at(-1)?.atMs ?? 0);
  return moves.slice(0, limit);
}

function unreadableEntry(lines: number, atMs: number): RecordedMove {
  const description =
    lines === 1 ? '1 line of the record cannot be read' : `${lines} lines of the record cannot be read`;
  return { atMs, state: 'written', id: 'unreadable', revision: null, description };
}

async function cutOld(file: string): Promise<void> {
  const lines = await readRecord(file, MAX_BYTES);
  if (lines === undefined) return;
  await replaceFile(file, `${lines.slice(Math.floor(lines.length / 2)).join('\n')}\n`);
}

/** Reads the newest lines, at most {@link MAX_READ_BYTES}: a record grows without Crossfade, too. */
async function readRecord(file: string): Promise<readonly string[]>;
/** The same; `undefined` of a record that is no larger than `beyondBytes`. */
async function readRecord(file: string, beyondBytes: number): Promise<readonly string[] | undefined>;
async function readRecord(file: string, beyondBytes = -1): Promise<readonly string[] | undefined> {
  const record = await openFile(file, constants.O_RDONLY);
  if (record === undefined) return beyondBytes < 0 ? [] : undefined;
  try {
    const { size } = await record.stat();
    if (size <= beyondBytes) return undefined;
    const lines = (await readTail(record, MAX_READ_BYTES)).split('\n');
    return (size > MAX_READ_BYTES ? lines.slice(1) : lines).filter((text) => text !== '');
  } finally {
    await record.close();
  }
}

/** Returns `undefined` if it does not exist. Without O_NONBLOCK a pipe in place of the record would block the move, and a thread, for ever. */
async function openFile(file: string, flags: number): Promise<FileHandle | undefined> {
  let record: FileHandle;
  try {
    record = await open(file, flags | constants.O_NONBLOCK);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new UnavailableError(describeFileFailure(file, error), { cause: error });
  }
  const stats = await record.stat();
  if (stats.isFile()) return record;
  await record.close();
  throw new UnavailableError(`${file} ${stats.isDirectory() ? 'is a directory' : 'is not a file'}`);
}

async function readTail(record: FileHandle, maxBytes: number): Promise<string> {
  const { size } = await record.stat();
  const length = Math.min(size, maxBytes);
  const { buffer, bytesRead } = await record.read(Buffer.alloc(length), 0, length, size - length);
  return buffer.toString('utf8', 0, bytesRead);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
