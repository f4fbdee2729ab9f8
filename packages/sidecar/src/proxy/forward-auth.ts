import type { IncomingMessage, ServerResponse } from 'node:http';
import { UnavailableError } from '@crossfade/core';
import { authorizationValues, rejectionResponse, unavailableResponse } from '@crossfade/validator';
import type { Turn } from '../fast-path/fast-connection.ts';
import { answerEmpty, answerProblem } from '../fast-path/write-response.ts';
import { identityHeaders } from '../http/identity-headers.ts';
import { send } from '../http/problem.ts';
import { discardRest } from '../http/request-body.ts';
import type { JudgementResult, Observer } from '../meter/observer.ts';
import type { DataHandlers } from './data-server.ts';

/**
 * Answers a proxy's question whether a request may pass: 200 with the verified identity, 401, 403 or 503. Looks at
 * the `Authorization` header alone, whatever the method and the path; a body is read and thrown away.
 */
export function createForwardAuth(observer: Observer, closing: () => boolean): DataHandlers {
  function answer(result: JudgementResult, request: IncomingMessage, response: ServerResponse): void {
    if (response.destroyed) return;
    if (closing()) response.shouldKeepAlive = false;
    if (result instanceof UnavailableError) send(response, unavailableResponse(result));
    else if (result.outcome === 'rejected') send(response, rejectionResponse(result));
    else {
      response.writeHead(200, [...identityHeaders(result), 'content-length', '0']);
      response.end();
      // What has arrived, Node.js throws away itself.
      if (!request.complete) discardRest(request);
    }
  }

  function answerFast(result: JudgementResult, turn: Turn): void {
    if (turn.isGone()) return;
    if (result instanceof UnavailableError) answerProblem(turn, unavailableResponse(result));
    else if (result.outcome === 'rejected') answerProblem(turn, rejectionResponse(result));
    else answerEmpty(turn, 200, identityHeaders(result));
  }

  return {
    fast: {
      closing,
      handle({ rawHeaders }, turn) {
        const result = observer.decide(authorizationValues(rawHeaders));
        if (result instanceof Promise) void result.then((later) => answerFast(later, turn));
        else answerFast(result, turn);
      },
    },

    handle(request, response) {
      const result = observer.decide(authorizationValues(request.rawHeaders));
      if (result instanceof Promise) void result.then((later) => answer(later, request, response));
      else answer(result, request, response);
    },
  };
}
