import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { CreateHostedConfigurationVersionCommand, PayloadTooLargeException } from '@aws-sdk/client-appconfig';
import { describe, expect, it, test } from 'vitest';
import { rejection, SIGNED, startEmulator } from './fixture.ts';

const MESSAGE = { Message: expect.any(String) };

async function startWithCall() {
  const emulator = await startEmulator();
  const call = (path: string, init: RequestInit = {}) =>
    fetch(`${emulator.url}${path}`, { headers: { authorization: SIGNED }, ...init });
  return { ...emulator, call };
}

test('every answer has a request id, and every error its type in a header', async () => {
  const { call } = await startWithCall();
  const good = await call('/applications');
  expect(good.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  const bad = await call('/applications/nope');
  expect(bad.headers.get('x-amzn-errortype')).toBe('ResourceNotFoundException');
  expect(bad.headers.get('x-amzn-requestid')).not.toBe(good.headers.get('x-amzn-requestid'));
});

test('a person who opens the address is told what it is', async () => {
  const { url } = await startEmulator();
  expect(await (await fetch(url)).text()).toContain('/_emulator');
});

describe('hostile use is answered as an AWS service answers, and nothing falls over:', () => {
  it.each(['{', '[]', '"x"', '{"Name":null}', '\u0000', '{"__proto__":{"Name":"x"}}', '['.repeat(100_000)])(
    'a body of %.20s',
    async (body) => {
      const { call } = await startWithCall();
      const answer = await call('/applications', { method: 'POST', body });
      expect({ status: answer.status, type: answer.headers.get('x-amzn-errortype') }).toEqual({
        status: 400,
        type: 'BadRequestException',
      });
      expect(await answer.json()).toEqual(MESSAGE);
    },
  );

  it.each([
    ['PUT', '/applications'],
    ['DELETE', '/applications'],
    ['OPTIONS', '/applications'],
    ['POST', '/configuration'],
    ['GET', '/configurationsessions'],
    ['GET', '/nowhere'],
    ['GET', '//applications'],
    ['GET', '/_EMULATOR'],
  ])('%s %s is no operation', async (method, path) => {
    const { call } = await startWithCall();
    const answer = await call(path, { method });
    expect({ status: answer.status, type: answer.headers.get('x-amzn-errortype') }).toEqual({
      status: 404,
      type: 'UnknownOperationException',
    });
    expect(await answer.json()).toEqual(MESSAGE);
  });

  it.each([
    '/applications/%zz',
    '/applications/%2e%2e%2fdeploymentstrategies',
    '/applications/..%5c..',
    '/applications/__proto__',
    '/applications/constructor',
    `/applications/${'a'.repeat(5000)}`,
    '/applications/%00',
    '/applications?max_results=1&max_results=2',
    '/applications/',
    '/tags/arn:aws:appconfig:eu-central-1:123456789012:application/../settings',
    '/configuration',
    '/configuration?configuration_token=',
    '/configuration?configuration_token=a&configuration_token=b',
    `/configuration?configuration_token=${'a'.repeat(9000)}`,
  ])('GET %s is refused', async (path) => {
    const { call } = await startWithCall();
    const answer = await call(path);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.headers.get('x-amzn-errortype')).toMatch(/^\w+Exception$/);
    expect(answer.headers.get('x-amzn-requestid')).not.toBeNull();
    expect((await call('/applications')).status).toBe(200);
  });

  it('a body of 20 MB, through the SDK', async () => {
    const { control, createAll } = await startEmulator();
    const place = await createAll();
    const call = control.send(
      new CreateHostedConfigurationVersionCommand({
        ...place,
        Content: Buffer.alloc(20 * 1024 * 1024),
        ContentType: 'application/json',
      }),
    );
    expect(await rejection(call, PayloadTooLargeException)).toMatchObject({ Limit: 2048, Measure: 'KILOBYTES' });
  });

  it.each(['nonsense\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', `GET /${'a'.repeat(100_000)} HTTP/1.1\r\n\r\n`])(
    'bytes that are no HTTP: %.20s',
    async (bytes) => {
      const { url } = await startEmulator();
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      await once(socket, 'connect');
      socket.on('error', () => undefined);
      socket.write(bytes);
      expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 [\s\S]*x-amzn-errortype: BadRequestException/);
      expect((await fetch(url)).status).toBe(200);
    },
  );
});
