import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** One request as the endpoint saw it. */
export interface Question {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly form: URLSearchParams;
}

export interface IntrospectionServer {
  readonly url: URL;
  readonly questions: Question[];
  /** How the next questions are answered. */
  answer: (response: ServerResponse, question: Question) => void;
  close(): Promise<void>;
}

/** An introspection endpoint on loopback that does whatever a test wants. */
export async function startIntrospectionServer(): Promise<IntrospectionServer> {
  const http = createServer(async (request, response) => {
    const { method, url, headers } = request;
    const question = { method, url, headers, form: new URLSearchParams(await text(request)) };
    server.questions.push(question);
    server.answer(response, question);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const server: IntrospectionServer = {
    url: new URL(`http://127.0.0.1:${(http.address() as AddressInfo).port}/introspect`),
    questions: [],
    answer: answerJson({ active: false }),
    async close() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
  return server;
}

/** Answers with JSON, whatever is asked. */
export function answerJson(json: unknown): IntrospectionServer['answer'] {
  return answerText(JSON.stringify(json));
}

export function answerText(body: string, headers: Record<string, string> = {}): IntrospectionServer['answer'] {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body);
  };
}

export function answerStatus(status: number, headers: Record<string, string> = {}): IntrospectionServer['answer'] {
  return (response) => {
    response.writeHead(status, headers).end('<html>no</html>');
  };
}
