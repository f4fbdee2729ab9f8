import { STATUS_CODES } from 'node:http';
import type { HttpRejection } from '@crossfade/validator';
import { IDLE_TIMEOUT_MS } from '../http/limits.ts';
import type { Problem } from '../http/problem.ts';
import type { Turn } from './fast-connection.ts';

const KEEPS = `Connection: keep-alive\r\nKeep-Alive: timeout=${IDLE_TIMEOUT_MS / 1_000}\r\n\r\n`;
const CLOSES = 'Connection: close\r\n\r\n';

/**
 * The header section of an answer, with what concerns the connection.
 * @param fields names and values in turn, all fit to be sent.
 */
export function answerHead(
  turn: Pick<Turn, 'isLast'>,
  status: number,
  statusText: string,
  fields: readonly string[],
): string {
  let head = `HTTP/1.1 ${status} ${statusText}\r\n`;
  for (let index = 0; index + 1 < fields.length; index += 2) head += `${fields[index]}: ${fields[index + 1]}\r\n`;
  return head + (turn.isLast() ? CLOSES : KEEPS);
}

/** Gives an answer of our own, without a body. */
export function answerEmpty(turn: Turn, status: number, fields: readonly string[]): void {
  turn.write(
    answerHead(turn, status, STATUS_CODES[status] ?? '', [...fields, 'Date', httpDate(), 'Content-Length', '0']),
  );
  turn.end();
}

/** Gives an answer of our own; to a `HEAD`, as much of it as a `GET` would get, but the body (RFC 9110 §9.3.2). */
export function answerProblem(turn: Turn, { status, headers, body }: Problem | HttpRejection): void {
  const length = String(Buffer.byteLength(body));
  const fields = [...Object.entries(headers).flat(), 'Date', httpDate(), 'Content-Length', length];
  turn.write(Buffer.from(answerHead(turn, status, STATUS_CODES[status] ?? '', fields) + (turn.isHead() ? '' : body)));
  turn.end();
}

let [second, date] = [0, ''];

/** RFC 9110 §6.6.1. The same text for a whole second. */
function httpDate(): string {
  const now = Math.floor(Date.now() / 1_000);
  if (now !== second) [second, date] = [now, new Date(now * 1_000).toUTCString()];
  return date;
}
