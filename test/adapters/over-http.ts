import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { ReceivedResponse, SentRequest } from './adapter.ts';

/** Sends a request to a real server, with every header value on a line of its own. */
export async function sendOverHttp(
  base: string,
  { path, query, body, headers }: SentRequest,
): Promise<ReceivedResponse> {
  const request = httpRequest(`${base}${path}${query === '' ? '' : `?${query}`}`, { method: 'POST' });
  for (const name of new Set(headers.map(([header]) => header))) {
    request.setHeader(
      name,
      headers.filter(([header]) => header === name).map(([, value]) => value),
    );
  }
  request.setHeader('content-type', 'application/x-www-form-urlencoded');
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return {
    status: response.statusCode ?? 0,
    challenge: response.headers['www-authenticate'],
    retryAfter: response.headers['retry-after'],
    contentType: response.headers['content-type'],
    deprecation: response.headers['deprecation'] as string | undefined,
    sunset: response.headers['sunset'] as string | undefined,
    body: text,
  };
}
