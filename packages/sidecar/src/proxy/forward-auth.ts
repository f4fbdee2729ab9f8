import type { IncomingMessage, ServerResponse } from 'node:http';
import { UnavailableError } from '@crossfade/core';
import { authorizationValues, rejectionResponse, unavailableResponse } from '@crossfade/validator';
import type { Turn } from '../fast-path/fast-connection.ts';
import { answerEmpty, answerProblem } from '../fast-path/write-response.ts';
import { identityHeaders } from '../http/identity-headers.ts';
import { send } from '../http/problem.ts';
import { discardRest } from '../http/request-body.ts';
import type { Observer, Verdict } from '../meter/observer.ts';
import type { DataHandlers } from './data-server.ts';

/**
 * Answers a proxy's question whether a request may pass: 200 with the verified identity, 401, 403 or 503. Looks at
 * the `Authorization` header alone, whatever the method and the path; a body is read and thrown away.
 */
export function createForwardAuth(observer: Observer, closing: () => boolean): DataHandlers {
  function answer(verdict: Verdict, request: IncomingMessage, response: ServerResponse): void {
    if (response.destroyed) return;
    if (closing()) response.shouldKeepAlive = false;
    if (verdict instanceof UnavailableError) send(response, unavailableResponse(verdict));
    else if (verdict.outcome === 'rejected') send(response, rejectionResponse(verdict));
    else {
      response.writeHead(200, [...identityHeaders(verdict), 'content-length', '0']);
      response.end();
      // What has arrived, Node.js throws away itself.
      if (!request.complete) discardRest(request);
    }
  }

  function answerFast(verdict: Verdict, turn: Turn): void {
    if (turn.isGone()) return;
    if (verdict instanceof UnavailableError) answerProblem(turn, unavailableResponse(verdict));
    else if (verdict.outcome === 'rejected') answerProblem(turn, rejectionResponse(verdict));
    else answerEmpty(turn, 200, identityHeaders(verdict));
  }

  return {
    fast: {
      closing,
      handle({ rawHeaders }, turn) {
        const verdict = observer.decide(authorizationValues(rawHeaders));
        if (verdict instanceof Promise) void verdict.then((later) => answerFast(later, turn));
        else answerFast(verdict, turn);
      },
    },

    handle(request, response) {
      const verdict = observer.decide(authorizationValues(request.rawHeaders));
      if (verdict instanceof Promise) void verdict.then((later) => answer(later, request, response));
      else answer(verdict, request, response);
    },
  };
}
