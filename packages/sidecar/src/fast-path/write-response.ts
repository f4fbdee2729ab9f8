import { STATUS_CODES } from 'node:http';
import type { HttpRejection } from '@crossfade/validator';
import type { ProblemResponse } from '../http/problem.ts';
import type { ClientResponse } from './client-response.ts';

const CLOSE = 'Connection: close\r\n\r\n';

/** The fields that announce how long an idle connection stays open, and the end of the header section. */
export function keepAliveFields(idleTimeoutMs: number): string {
  return `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(idleTimeoutMs / 1_000)}\r\n\r\n`;
}

/**
 * The header section of a response, including the fields that concern the connection.
 * @param fields names and values in turn, all of them valid.
 */
export function responseHead(
  response: Pick<ClientResponse, 'isLast' | 'keepAlive'>,
  status: number,
  statusText: string,
  fields: readonly string[],
): string {
  let head = `HTTP/1.1 ${status} ${statusText}\r\n`;
  for (let index = 0; index + 1 < fields.length; index += 2) head += `${fields[index]}: ${fields[index + 1]}\r\n`;
  return head + (response.isLast() ? CLOSE : response.keepAlive);
}

/** Writes a response of our own, without a body. */
export function writeEmpty(response: ClientResponse, status: number, fields: readonly string[]): void {
  const all = [...fields, 'Date', httpDate(), 'Content-Length', '0'];
  response.write(responseHead(response, status, STATUS_CODES[status] ?? '', all));
  response.end();
}

/** Writes a response of our own; to a `HEAD`, the same without the body (RFC 9110 §9.3.2). */
export function writeProblem(
  response: ClientResponse,
  { status, headers, body }: ProblemResponse | HttpRejection,
): void {
  const length = String(Buffer.byteLength(body));
  const fields = [...Object.entries(headers).flat(), 'Date', httpDate(), 'Content-Length', length];
  const head = responseHead(response, status, STATUS_CODES[status] ?? '', fields);
  response.write(Buffer.from(head + (response.isHead() ? '' : body)));
  response.end();
}

let [second, date] = [0, ''];

/** The current date (RFC 9110 §6.6.1), formatted once a second. */
function httpDate(): string {
  const now = Math.floor(Date.now() / 1_000);
  if (now !== second) [second, date] = [now, new Date(now * 1_000).toUTCString()];
  return date;
}
