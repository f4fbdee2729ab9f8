import { once } from 'node:events';
import { connect } from 'node:net';
import { CreateHostedConfigurationVersionCommand, PayloadTooLargeException } from '@aws-sdk/client-appconfig';
import { describe, expect, it, test } from 'vitest';
import { rejection, SIGNED, startEmulator } from '../fixture.ts';

const MESSAGE = { Message: expect.any(String) };
const TYPE = /^\w+Exception$/;
const TRICKS = [
  '/applications/%zz',
  '/applications/%2e%2e%2fdeploymentstrategies',
  '/applications/..%5c..',
  '/applications/__proto__',
  '/applications/constructor',
  `/applications/${'a'.repeat(5000)}`,
  '/applications/%00',
  '/applications/',
  '/applications?max_results=1&max_results=2',
  '/tags/arn:aws:appconfig:eu-central-1:123456789012:application/../settings',
  '/configuration',
  '/configuration?configuration_token=',
  '/configuration?configuration_token=a&configuration_token=b',
  `/configuration?configuration_token=${'a'.repeat(9000)}`,
];

async function startWithCall() {
  const emulator = await startEmulator();
  const call = (path: string, init: RequestInit = {}) =>
    fetch(`${emulator.url}${path}`, { headers: { authorization: SIGNED }, ...init });
  return { ...emulator, call };
}

test('every response has a request id, and every error its type in a header', async () => {
  const { call } = await startWithCall();
  const good = await call('/applications');
  expect(good.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  const bad = await call('/applications/nope');
  expect(bad.headers.get('x-amzn-errortype')).toBe('ResourceNotFoundException');
  expect(bad.headers.get('x-amzn-requestid')).not.toBe(good.headers.get('x-amzn-requestid'));
});

test('the root path describes the emulator to a person with a browser', async () => {
  const { url } = await startEmulator();
  expect(await (await fetch(url)).text()).toContain('/_emulator');
});

describe('the server responds to hostile requests as an AWS service does, and stays up, with', () => {
  it('bodies that are not valid input', async () => {
    const { call } = await startWithCall();
    for (const body of [
      '{',
      '[]',
      '"x"',
      '{"Name":null}',
      '\u0000',
      '{"__proto__":{"Name":"x"}}',
      '['.repeat(100_000),
    ]) {
      const response = await call('/applications', { method: 'POST', body });
      expect([body.slice(0, 30), response.status, typeOf(response)]).toEqual([
        body.slice(0, 30),
        400,
        'BadRequestException',
      ]);
      expect(await response.json()).toEqual(MESSAGE);
    }
  });

  it('methods and paths that are not operations', async () => {
    const { call } = await startWithCall();
    for (const [method = '', path = ''] of [
      ['PUT', '/applications'],
      ['DELETE', '/applications'],
      ['OPTIONS', '/applications'],
      ['POST', '/configuration'],
      ['GET', '/configurationsessions'],
      ['GET', '/nowhere'],
      ['GET', '//applications'],
      ['GET', '/_EMULATOR'],
    ]) {
      const response = await call(path, { method });
      expect([method, path, response.status, typeOf(response)]).toEqual([
        method,
        path,
        404,
        'UnknownOperationException',
      ]);
      expect(await response.json()).toEqual(MESSAGE);
    }
  });

  it('paths and parameters that try to escape', async () => {
    const { call } = await startWithCall();
    for (const path of TRICKS) {
      const response = await call(path);
      expect([path, Math.floor(response.status / 100), typeOf(response)]).toEqual([
        path,
        4,
        expect.stringMatching(TYPE),
      ]);
      expect(response.headers.get('x-amzn-requestid')).not.toBeNull();
      await response.text();
    }
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
    expect(await rejection(call, PayloadTooLargeException)).toMatchObject({
      Limit: 2048,
      Measure: 'KILOBYTES',
      Size: 20 * 1024,
    });
  });

  it('bytes that are not HTTP', async () => {
    const { url } = await startEmulator();
    const tooLong = `GET /${'a'.repeat(100_000)} HTTP/1.1\r\n\r\n`;
    for (const bytes of ['nonsense\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', tooLong]) {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      await once(socket, 'connect');
      let response = '';
      socket.setEncoding('utf8').on('data', (chunk) => (response += chunk));
      // Unread bytes reset the connection after the response.
      socket.on('error', () => undefined);
      socket.write(bytes);
      await once(socket, 'close');
      expect(response).toMatch(/^HTTP\/1\.1 400 [\s\S]*x-amzn-errortype: BadRequestException/);
    }
    expect((await fetch(url)).status).toBe(200);
  });
});

function typeOf(response: Response): string | null {
  return response.headers.get('x-amzn-errortype');
}
