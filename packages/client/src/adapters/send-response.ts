import type { ServerResponse } from 'node:http';
import { constants, type ServerHttp2Stream } from 'node:http2';

/**
 * Sends a response of the web with one of `node:http`: the body as fast as the client takes it. Where the client goes away the
 * body is cancelled; where the body fails the connection is closed, so that the client sees that it is not complete. Never
 * rejects.
 */
export async function sendResponse(response: Response, to: ServerResponse): Promise<void> {
  const { body } = response;
  try {
    if (to.closed || to.headersSent) return void (await body?.cancel());
    writeHead(response, to);
    if (body === null) return void to.end();
    // An event stream is open before its first event.
    if (!to.hasHeader('content-length')) to.flushHeaders();
    await sendBody(body, to);
  } catch {
    breakOff(to);
  }
}

/** On HTTP/2 a stream that is destroyed would end like a complete one. */
function breakOff(to: ServerResponse): void {
  const { stream } = to as unknown as { readonly stream?: ServerHttp2Stream };
  if (stream === undefined) to.destroy();
  else stream.close(constants.NGHTTP2_INTERNAL_ERROR);
}

function writeHead({ status, headers }: Response, to: ServerResponse): void {
  to.statusCode = status;
  for (const [name, value] of headers) if (name !== 'set-cookie') to.setHeader(name, value);
  // Each on its own line; those that the application has set stay.
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) to.setHeader('set-cookie', [to.getHeader('set-cookie') ?? [], cookies].flat().map(String));
}

/** Without `Readable.fromWeb`, which costs more than the rest of a short response. */
async function sendBody(body: ReadableStream<Uint8Array>, to: ServerResponse): Promise<void> {
  const reader = body.getReader();
  let wake = () => {};
  // A write that comes too late: `close` says the same.
  to.on('error', () => {});
  to.on('drain', () => wake());
  to.on('close', () => {
    wake();
    reader.cancel().catch(() => {});
  });
  for (;;) {
    const { done, value } = await reader.read();
    if (done || to.closed) break;
    if (to.write(value) || to.closed) continue;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
  to.end();
}
