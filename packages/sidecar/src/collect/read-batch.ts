import type { JudgementBatchHead, JudgementRecord } from '@crossfade/validator/collector';
import type { z } from 'zod';
import { headSchema, recordSchema } from './batch-schema.ts';

export interface JudgementBatch {
  readonly head: JudgementBatchHead;
  readonly records: readonly JudgementRecord[];
}

/** What is wrong with a batch. Contains none of its values. */
export interface BatchProblem {
  /** The first line is 1. */
  readonly line: number;
  /** Dotted path; empty for the line as a whole. */
  readonly field: string;
  readonly message: string;
}

export type ReadBatch = { readonly batch: JudgementBatch } | { readonly problem: BatchProblem };

/** Reads a batch. One wrong line makes the whole batch a problem. */
export function readBatch(text: string): ReadBatch {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const head = readLine(headSchema, lines[0] ?? '', 1);
  if ('problem' in head) return head;
  const records: JudgementRecord[] = [];
  for (const [index, line] of lines.slice(1).entries()) {
    const record = readLine(recordSchema, line, index + 2);
    if ('problem' in record) return record;
    records.push(record.value);
  }
  return { batch: { head: head.value, records } };
}

type ReadLine<T> = { readonly value: T } | { readonly problem: BatchProblem };

function readLine<T>(schema: z.ZodType<T>, text: string, line: number): ReadLine<T> {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch {
    return { problem: { line, field: '', message: 'must be one JSON object' } };
  }
  const parsed = schema.safeParse(input);
  if (parsed.success) return { value: parsed.data };
  const [issue] = parsed.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    return { problem: { line, field: issue.path.join('.'), message: 'has an unknown field' } };
  }
  return { problem: { line, field: issue?.path.join('.') ?? '', message: issue?.message ?? 'is invalid' } };
}
