import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ServeConnection } from '../fast-path/fast-path.ts';
import { fieldValue } from '../http/raw-fields.ts';

/**
 * Whether a request to change protocols can be forwarded as one. With a body, or for HTTP/2 in clear text, whose
 * requests this proxy could not see, it cannot; it is served as if it had no `Upgrade` (RFC 9110 §7.8).
 */
export function canUpgrade({ headers }: IncomingMessage): boolean {
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0) return false;
  const protocols = headers.upgrade?.toLowerCase().split(',') ?? [];
  return protocols.every((protocol) => protocol.trim() !== '' && !protocol.trim().startsWith('h2'));
}

/**
 * Serves a request as if it had no `Upgrade`. Node.js has detached its connection, so the request is put back into the
 * socket without that header.
 * @param head what was read after the header section.
 */
export function serveWithoutUpgrade(
  serve: ServeConnection,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const { rawHeaders, method, url, httpVersion } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const lower = name.toLowerCase();
    if (lower === 'upgrade' || lower === 'http2-settings') continue;
    const value = rawHeaders[index + 1] ?? '';
    lines.push(`${name}: ${lower === 'connection' ? withoutUpgrade(value) : value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  serve(socket as Socket);
}

function withoutUpgrade(connection: string): string {
  const options = connection.split(',').map((option) => option.trim());
  return options.filter((option) => !/^(?:upgrade|http2-settings)$/i.test(option)).join(', ');
}

interface Upgraded {
  readonly status: number;
  readonly rawHeaders: readonly string[];
  /** The fields for the client. */
  readonly fields: readonly string[];
  /** What the client has sent after its request. */
  readonly head: Buffer;
  /** What the API has sent after its response. */
  readonly upstreamHead: Buffer;
}

/** Joins the two connections once the API has agreed to the other protocol. */
export function joinUpgraded(client: Duplex, upstream: Duplex, response: Upgraded): void {
  const { status, rawHeaders, fields, head, upstreamHead } = response;
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, 'connection: upgrade'];
  const upgrade = fieldValue(rawHeaders, 'upgrade');
  if (upgrade !== undefined) lines.push(`upgrade: ${upgrade}`);
  for (let index = 0; index + 1 < fields.length; index += 2) lines.push(`${fields[index]}: ${fields[index + 1]}`);
  client.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  if (head.length > 0) upstream.write(head);
  if (upstreamHead.length > 0) client.write(upstreamHead);

  upstream.on('error', () => client.destroy()).on('close', () => client.destroy());
  client.on('close', () => upstream.destroy());
  client.pipe(upstream);
  upstream.pipe(client);
}
