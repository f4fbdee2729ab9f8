import {
  GetApplicationCommand,
  ListApplicationsCommand,
  ListDeploymentsCommand,
  StartDeploymentCommand,
} from '@aws-sdk/client-appconfig';
import {
  GetLatestConfigurationCommand,
  InternalServerException,
  ThrottlingException,
} from '@aws-sdk/client-appconfigdata';
import { describe, expect, it } from 'vitest';
import { createEmulator } from '../../src/emulator.ts';
import { flagDocument, present, rejection, startEmulator } from '../fixture.ts';

const CONTENT = flagDocument({ a: { enabled: true } });
const place = { application: 'orders', environment: 'live', profile: 'flags' };

async function startSeeded() {
  const emulator = await startEmulator();
  emulator.emulator.seed({ ...place, content: CONTENT });
  return { ...emulator, faults: emulator.emulator.faults, token: await emulator.start() };
}

describe('faults', () => {
  it('down: the connection breaks, and the token remains valid', async () => {
    const { faults, poll, token } = await startSeeded();
    faults.set({ kind: 'down', times: 1 });
    await expect(poll(token)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await poll(token)).text).not.toBe('');
  });

  it('lost: the connection breaks after the work was done, so the token is spent', async () => {
    const { faults, poll, token } = await startSeeded();
    faults.set({ kind: 'lost', times: 1 });
    await expect(poll(token)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(poll(token)).rejects.toMatchObject({
      Details: { InvalidParameters: { ConfigurationToken: { Problem: 'Expired' } } },
    });
  });

  it('lost: a deployment runs although its caller got no response', async () => {
    const { emulator, control, createAll, createVersion } = await startEmulator();
    const resources = await createAll();
    const ConfigurationVersion = String(await createVersion(resources, CONTENT));
    emulator.faults.set({ kind: 'lost', plane: 'control', times: 1 });
    await expect(control.send(new StartDeploymentCommand({ ...resources, ConfigurationVersion }))).rejects.toThrow();
    const { ApplicationId, EnvironmentId } = resources;
    expect((await control.send(new ListDeploymentsCommand({ ApplicationId, EnvironmentId }))).Items).toHaveLength(1);
  });

  it('throttle and error: 429 and 5xx in the shapes of the API model', async () => {
    const { faults, poll, token } = await startSeeded();
    faults.set('throttle');
    expect(await rejection(poll(token), ThrottlingException)).toMatchObject({ $metadata: { httpStatusCode: 429 } });
    faults.set('error');
    expect(await rejection(poll(token), InternalServerException)).toMatchObject({ $metadata: { httpStatusCode: 500 } });
    faults.set({ kind: 'error', status: 503 });
    expect(await rejection(poll(token), InternalServerException)).toMatchObject({ $metadata: { httpStatusCode: 503 } });
  });

  it('garbage: the bytes cannot be parsed, and the next poll returns "unchanged"', async () => {
    const { faults, clock, poll, token } = await startSeeded();
    faults.set({ kind: 'garbage', times: 1 });
    const response = await poll(token);
    expect(() => JSON.parse(response.text)).toThrow(SyntaxError);
    clock.advance(15_000);
    expect((await poll(response.token)).text).toBe('');
  });

  it('garbage: control plane responses cannot be parsed either', async () => {
    const { emulator, control } = await startEmulator();
    emulator.faults.set('garbage');
    await expect(control.send(new ListApplicationsCommand({}))).rejects.toThrow(SyntaxError);
  });

  it('slow: the response comes after the delay', async () => {
    const { faults, poll, token } = await startSeeded();
    faults.set({ kind: 'slow', delayMs: 50 });
    const before = performance.now();
    expect((await poll(token)).text).not.toBe('');
    expect(performance.now() - before).toBeGreaterThan(45);
  });

  it('hang: no response comes, and a client that gives up can continue with the same token', async () => {
    const { faults, data, poll, token } = await startSeeded();
    faults.set({ kind: 'hang', times: 1 });
    const client = new AbortController();
    const call = data.send(new GetLatestConfigurationCommand({ ConfigurationToken: token }), {
      abortSignal: client.signal,
    });
    const ended = rejection(call, Error);
    await expect.poll(() => faults.active()).toEqual([]);
    client.abort();
    expect(await ended).toMatchObject({ name: 'AbortError' });
    expect((await poll(token)).text).not.toBe('');
  });

  it('apply to one plane only if told so, and never to the admin paths', async () => {
    const { faults, control, url, poll, token } = await startSeeded();
    faults.set({ kind: 'down', plane: 'data' });
    const { Items = [] } = await control.send(new ListApplicationsCommand({}));
    await control.send(new GetApplicationCommand({ ApplicationId: present(Items[0]?.Id) }));
    await expect(poll(token)).rejects.toThrow();
    faults.set('down');
    await expect(control.send(new ListApplicationsCommand({}))).rejects.toThrow();
    expect((await fetch(`${url}/_emulator`)).status).toBe(200);
  });

  it('hang does not keep the emulator from closing', async () => {
    const emulator = createEmulator();
    const { url } = await emulator.listen();
    emulator.faults.set({ kind: 'hang', times: 1 });
    const call = fetch(`${url}/applications`).catch((error: unknown) => error);
    await expect.poll(() => emulator.faults.active()).toEqual([]);
    await emulator.close();
    expect(await call).toBeInstanceOf(Error);
  });
});
