import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * Sends a response of the web with one of `node:http`: the body as fast as the client takes it. Where the client goes away the
 * body is cancelled; where the body fails the connection is closed, so that the client sees that it is not complete.
 */
export async function sendResponse({ status, headers, body }: Response, to: ServerResponse): Promise<void> {
  if (to.closed || to.headersSent) return void (await body?.cancel());
  to.statusCode = status;
  for (const [name, value] of headers) if (name !== 'set-cookie') to.setHeader(name, value);
  // Each on its own line; those that the application has set stay.
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) to.setHeader('set-cookie', [to.getHeader('set-cookie') ?? [], cookies].flat().map(String));
  if (body === null) return void to.end();
  // An event stream is open before its first event.
  to.flushHeaders();
  // The client has gone, or sees that the connection is closed.
  await pipeline(Readable.fromWeb(body as never), to).catch(() => {});
}
