import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SidecarPlan } from '@crossfade/core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { BEHAVIOURS, type Behaviour, startBehavingApi } from '../fixture/api-behaviours.ts';
import { createCertificate } from '../fixture/certificate.ts';
import {
  createHttp1LaneClient,
  createHttp2LaneClient,
  type LaneClient,
  type LaneRequest,
  normalized,
  type Seen,
} from '../fixture/lane-client.ts';
import type { Listening } from '../fixture/listening.ts';
import { startTestbed, TARGET, type Testbed } from '../fixture/testbed.ts';

/** Each behaviour of an API, seen through each lane: what the client gets, and what is counted, must be the same. */

interface Lane {
  readonly settings?: Partial<SidecarPlan>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isHttp2?: true;
}

const CHUNKED = { 'transfer-encoding': 'chunked' };
const LENGTH = { 'content-length': '5' };
const EXPECT = { expect: '100-continue', 'content-length': '5' };
const LANES: Readonly<Record<string, Lane>> = {
  'fast path': {},
  'fast path, with a body': { headers: LENGTH, body: 'hello' },
  'fast path, enforcing': { settings: { judge: 'enforce' } },
  'node:http': { settings: { fastPath: false } },
  'node:http, enforcing': { settings: { fastPath: false, judge: 'enforce' } },
  'node:http, with a body': { settings: { fastPath: false }, headers: LENGTH, body: 'hello' },
  'an odd request': { headers: { te: 'trailers', connection: 'te' } },
  'a body in chunks': { headers: CHUNKED, body: 'hello' },
  'a body in chunks, enforcing': { settings: { judge: 'enforce' }, headers: CHUNKED, body: 'hello' },
  expecting: { headers: EXPECT, body: 'hello' },
  'expecting, enforcing': { settings: { judge: 'enforce' }, headers: EXPECT, body: 'hello' },
  'HTTP/2': { isHttp2: true },
  'HTTP/2, with a body': { isHttp2: true, body: 'hello' },
  'HTTP/2, expecting': { isHttp2: true, headers: { expect: '100-continue' }, body: 'hello' },
  'HTTP/2, enforcing': { isHttp2: true, settings: { judge: 'enforce' } },
};

/** A second between two requests, so that it shows which of them was the last of its kind. */
const STEP_MS = 1_000;

/** What became of one request. */
interface Cell {
  readonly seen: Seen | 'cut';
  /** What it says about the token: the API took it, or refused it. */
  readonly evidence: string;
}

let api: Listening;
let directory: string;
const pair = createCertificate();
beforeAll(async () => {
  api = await startBehavingApi();
  directory = await mkdtemp(join(tmpdir(), 'lanes-'));
  await Promise.all([
    writeFile(join(directory, 'tls.crt'), pair.cert),
    writeFile(join(directory, 'tls.key'), pair.key),
  ]);
});
afterAll(async () => {
  await api.close();
  await rm(directory, { recursive: true });
});

function requestOf(behaviour: Behaviour, index: number, lane: Lane, authorization: string): LaneRequest | undefined {
  if (behaviour.method === 'HEAD' && lane.body !== undefined) return undefined;
  const method = behaviour.method ?? (lane.body === undefined ? 'GET' : 'POST');
  return { method, path: `/${index}`, headers: { ...lane.headers, authorization }, body: lane.body };
}

/** Sends a request for each behaviour through one lane, one after the other. */
async function runLane(lane: Lane): Promise<Map<string, Cell>> {
  let nowMs = Date.now();
  const tls = { tlsCert: join(directory, 'tls.crt'), tlsKey: join(directory, 'tls.key') };
  const settings = { upstream: api.url, ...(lane.isHttp2 && tls), ...lane.settings };
  const testbed = await startTestbed(settings, { now: () => nowMs });
  const url = testbed.sidecar.dataUrl;
  const session = lane.isHttp2 && connectHttp2(url, { ca: pair.cert });
  const http1 = createHttp1LaneClient(url);
  const client: LaneClient = session ? createHttp2LaneClient(session) : http1;
  const authorization = `Bearer ${await testbed.issuer.mint({ aud: TARGET, expiresInSeconds: 86_400 })}`;
  const cells = new Map<string, Cell>();
  for (const [index, [name, behaviour]] of Object.entries(BEHAVIOURS).entries()) {
    const request = requestOf(behaviour, index, lane, authorization);
    if (request === undefined) continue;
    nowMs += STEP_MS;
    const seen = await client(request);
    cells.set(name, { seen, evidence: await evidenceOf(testbed, cells.size + 1, nowMs) });
  }
  http1.close();
  if (session) session.destroy();
  expect((await testbed.status()).audiences.target.accepted).toBe(cells.size);
  await testbed.close();
  return cells;
}

async function evidenceOf(testbed: Testbed, counted: number, nowMs: number): Promise<string> {
  return vi.waitFor(async () => {
    const { audiences, apiResponses } = await testbed.status();
    expect(audiences.target.accepted).toBe(counted);
    const now = new Date(nowMs).toISOString();
    if (apiResponses.target.acceptedAt === now) return 'taken';
    return apiResponses.target.unauthorizedAt === now ? 'refused' : 'unclear';
  });
}

/** What must be the same in every lane. */
function common({ seen, evidence }: Cell, name: string): string {
  if (seen === 'cut') return `cut, ${evidence}`;
  const { informed, status, rawHeaders, body, rawTrailers } = seen;
  if (rawHeaders.includes('application/problem+json')) return `${status} of our own, ${evidence}`;
  const headers = normalized(rawHeaders.map((text) => (text.length > 100 ? `${text.slice(0, 9)}...` : text)))
    // In HTTP/2 a 204 cannot have it (RFC 9113 §8.1.1), and it says nothing.
    .replace(/^content-length: \d+$/, name.startsWith('204') ? '' : '$&');
  const trailers = rawTrailers.length === 0 ? '' : ` + ${normalized(rawTrailers)}`;
  const parts = [...informed, `${status}`, headers, JSON.stringify(body) + trailers, evidence];
  return parts.filter((part) => part !== '').join(' | ');
}

describe('each behaviour of an API', () => {
  const table = new Map<string, Map<string, Cell>>();
  beforeAll(async () => {
    for (const [name, lane] of Object.entries(LANES)) table.set(name, await runLane(lane));
  }, 300_000);

  test.each(Object.keys(BEHAVIOURS))('%s: is the same to the client and to the count in each lane', (name) => {
    const seen: Record<string, string> = {};
    const expected: Record<string, string> = {};
    const reference = table.get('node:http')?.get(name);
    if (reference === undefined) throw new Error('no such cell');
    for (const [lane, cells] of table) {
      const cell = cells.get(name);
      if (cell === undefined) continue;
      seen[lane] = common(cell, name);
      expected[lane] = common(reference, name);
    }
    expect(seen).toEqual(expected);
  });

  // Of the file name, node:http sends the length last.
  const inOrder = Object.keys(BEHAVIOURS).filter((name) => name !== 'a file name above 0x7f');
  test.each(inOrder)('%s: is the same octet for octet in each lane of HTTP/1', (name) => {
    const octets: Record<string, unknown> = {};
    const expected: Record<string, unknown> = {};
    const seen = table.get('node:http')?.get(name)?.seen;
    if (seen === undefined || seen === 'cut' || seen.status === 502) return;
    const of = ({ status, reason, rawHeaders, rawTrailers }: Seen) => ({ status, reason, rawHeaders, rawTrailers });
    for (const [lane, cells] of table) {
      const cell = cells.get(name);
      if (cell === undefined || LANES[lane]?.isHttp2) continue;
      octets[lane] = cell.seen === 'cut' ? 'cut' : of(cell.seen);
      expected[lane] = of(seen);
    }
    expect(octets).toEqual(expected);
  });

  test('100 is sent to a client that asks for it, once, and to no other', () => {
    for (const [lane, cells] of table) {
      const asks = LANES[lane]?.headers?.['expect'] !== undefined;
      for (const [name, { seen }] of cells) {
        if (seen === 'cut' || seen.status === 502 || BEHAVIOURS[name]?.isEarly) continue;
        expect(seen.continued, `${lane}: ${name}`).toBe(asks ? 1 : 0);
      }
    }
  });

  test('the connection of an HTTP/1 client is kept after every complete response', () => {
    for (const [lane, cells] of table) {
      for (const [name, { seen }] of cells) {
        if (seen === 'cut' || BEHAVIOURS[name]?.isEarly) continue;
        expect(seen.isKept, `${lane}: ${name}`).toBe(true);
      }
    }
  });

  test('what becomes of it', () => {
    const rows = Object.keys(BEHAVIOURS).map((name) => {
      const cell = table.get('node:http')?.get(name);
      return `${name.padEnd(40)} ${cell === undefined ? '' : common(cell, name)}`;
    });
    expect(`${rows.join('\n')}\n`).toMatchInlineSnapshot(`
      "102                                      102  | 200 | content-length: 5 | "hello" | taken
      103                                      103 link: </a>; rel=preload, </b>; x-a: ü | 200 | content-length: 5 | "hello" | taken
      204                                      204 | "" | taken
      205                                      205 | content-length: 0 | "" | taken
      304                                      304 | etag: "a" | "" | unclear
      401                                      401 | content-length: 5; www-authenticate: Bearer error="invalid_token" | "hello" | refused
      plain                                    200 | content-length: 5 | "hello" | taken
      a body in pieces                         200 | content-length: 10 | "hellohello" | taken
      no body, and its length                  200 | content-length: 0 | "" | taken
      chunked                                  200 | "hello" | taken
      chunks in pieces                         200 | "hello" | taken
      chunk extensions                         200 | "hello" | taken
      trailers, announced                      200 | trailer: X-Sum | "hello" + x-sum: 1 | taken
      trailers, not announced                  200 | "hello" + x-sum: 1, 2 | taken
      until it closes                          200 | "hello you" | taken
      nothing until it closes                  200 | "" | taken
      HEAD, with a length                      200 | content-length: 5 | "" | taken
      HEAD, chunked                            200 | "" | taken
      HEAD, without a length                   200 | etag: "a" | "" | taken
      HEAD, with a body after all              200 | content-length: 5 | "" | taken
      204 with length 0                        204 | "" | taken
      204 with a length                        204 | "" | taken
      204 with a stray chunk                   204 | "" | taken
      204 with a stray body                    204 | "" | taken
      205 with a body                          205 | content-length: 0 | "" | taken
      205 with chunks                          205 | content-length: 0 | "" | taken
      304 with a length                        304 | content-length: 5; etag: "a" | "" | unclear
      304 with a stray body                    304 | content-length: 5 | "" | unclear
      a header twice with one value            200 | content-length: 5; etag: "a"; x-content-type-options: nosniff | "hello" | taken
      a header twice with two values           200 | age: 1, 2; content-length: 5; location: /a, /b | "hello" | taken
      lists in several lines                   200 | content-length: 5; vary: a, b, c; x-b: 1, 2 | "hello" | taken
      several cookies                          200 | content-length: 5; set-cookie: a=1, b=2; Path=/ | "hello" | taken
      octets above 0x7f                        200 | content-length: 5; x-name: Grüße â¬ | "hello" | taken
      octets above 0x7f, and a silent body     200 | x-name: Grüße | "hello" | taken
      a file name above 0x7f                   200 | content-disposition: a; filename="ü"; content-length: 5; x-a: b | "hello" | taken
      an empty reason phrase                   200 | content-length: 5 | "hello" | taken
      no reason phrase                         200 | content-length: 5 | "hello" | taken
      a reason phrase above 0x7f               200 | content-length: 5 | "hello" | taken
      an unusual status                        599 | content-length: 5 | "hello" | unclear
      an empty header value                    200 | content-length: 5; x-empty: ; x-spaces: a  b | "hello" | taken
      hop-by-hop headers                       200 | content-length: 5 | "hello" | taken
      Connection: close                        200 | content-length: 5 | "hello" | taken
      Keep-Alive: timeout=0                    200 | content-length: 5 | "hello" | taken
      HTTP/1.0 with a length                   200 | content-length: 5 | "hello" | taken
      HTTP/1.0 until it closes                 200 | "hello" | taken
      100 without being asked                  200 | content-length: 5 | "hello" | taken
      100 twice, in pieces                     200 | content-length: 5 | "hello" | taken
      an unknown 1xx                           110 x-a: b | 200 | content-length: 5 | "hello" | taken
      bare 101                                 502 of our own, unclear
      101 without being asked                  502 of our own, unclear
      two responses                            200 | content-length: 5 | "hello" | taken
      two responses, in pieces                 200 | content-length: 5 | "hello" | taken
      status 000                               502 of our own, unclear
      status 099                               502 of our own, unclear
      status 600                               502 of our own, unclear
      status 999                               502 of our own, unclear
      status 20                                502 of our own, unclear
      two lengths that agree                   502 of our own, unclear
      two lengths that differ                  502 of our own, unclear
      two lengths in one line                  502 of our own, unclear
      a negative length                        502 of our own, unclear
      a length with a sign                     502 of our own, unclear
      a length and chunks                      502 of our own, unclear
      a coding that is not chunked             502 of our own, unclear
      a bad chunk                              cut, taken
      a bad chunk at once                      cut, taken
      a chunk longer than it says              cut, taken
      a header line without a colon            502 of our own, unclear
      a space before a colon                   502 of our own, unclear
      a folded header line                     502 of our own, unclear
      a control character in a header          502 of our own, unclear
      line feeds alone                         502 of our own, unclear
      another protocol                         502 of our own, unclear
      a body shorter than its length           cut, taken
      a body shorter than its length, reset    cut, taken
      chunks without an end                    cut, taken
      until it resets                          cut, taken
      closed before a response                 502 of our own, unclear
      reset before a response                  502 of our own, unclear
      closed within the header section         502 of our own, unclear
      reset within the header section          502 of our own, unclear
      a long header section                    200 | content-length: 5; x-a: aaaaaaaaa... | "hello" | taken
      a header section that is too long        502 of our own, unclear
      a header section in many pieces          200 | content-length: 5; x-a: b | "hello" | taken
      a response before the body               413 | content-length: 5 | "hello" | unclear
      a refusal before the body                401 | content-length: 5 | "hello" | refused
      "
    `);
  });
});
