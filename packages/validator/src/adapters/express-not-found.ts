import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Responds as Express does to a path without a route. Passing the request on instead could reach the very handler that
 * has to stay hidden.
 */
export function expressNotFound(request: IncomingMessage & { readonly originalUrl: string }, response: ServerResponse) {
  const what = `Cannot ${request.method} ${escapeHtml(pathOf(request.originalUrl))}`;
  const body = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Error</title>
</head>
<body>
<pre>${what}</pre>
</body>
</html>
`;
  response
    .writeHead(404, {
      'content-security-policy': "default-src 'none'",
      'x-content-type-options': 'nosniff',
      'content-type': 'text/html; charset=utf-8',
      'content-length': Buffer.byteLength(body),
    })
    .end(body);
}

function pathOf(target: string): string {
  const url = `http://host${target.startsWith('/') ? target : `/${target}`}`;
  return URL.canParse(url) ? new URL(url).pathname : '/';
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
