import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConflictError, UnavailableError } from '@crossfade/core';
import { expect, it, onTestFinished } from 'vitest';
import { createAppConfigControlPlane } from '../../src/appconfig-writer/appconfig-control-plane.ts';
import { emulateLocation, hostedContent, LOCATION } from '../fixture/emulated-location.ts';

const CONTENT = hostedContent({ 'issue-target': { enabled: false } });
const version = { content: CONTENT, label: 'crossfade-r8-v2', description: 'x', expectedNewest: 1 };

it('lists deployments newest first, across pages', async () => {
  const { emulator, url } = await emulateLocation();
  for (let count = 0; count < 60; count += 1) emulator.seed({ ...LOCATION, content: CONTENT });
  const plane = createAppConfigControlPlane({ ...LOCATION, endpoint: url, timeoutMs: 5000 });
  const numbers: (number | undefined)[] = [];
  for await (const { DeploymentNumber } of plane.deployments()) numbers.push(DeploymentNumber);
  expect(numbers).toEqual(Array.from({ length: 61 }, (_, index) => 61 - index));
  expect((await plane.versions()).map(({ number }) => number)).toEqual(numbers);
});

it('stores one version after the expected one, once', async () => {
  const { url } = await emulateLocation();
  const plane = createAppConfigControlPlane({ ...LOCATION, endpoint: url, timeoutMs: 5000 });
  expect(await plane.createVersion(version)).toBe(2);
  await expect(plane.createVersion({ ...version, label: 'another' })).rejects.toThrow(ConflictError);
  expect(await plane.hostedVersion(2)).toEqual({ content: CONTENT, description: version.description });
});

it('starts one deployment after the expected one, once', async () => {
  const { url } = await emulateLocation();
  const plane = createAppConfigControlPlane({ ...LOCATION, endpoint: url, timeoutMs: 5000 });
  const versionNumber = await plane.createVersion(version);
  expect(await plane.startDeployment({ versionNumber, description: 'x', expectedNewest: 1 })).toBe(2);
  const again = plane.startDeployment({ versionNumber, description: 'x', expectedNewest: 1 });
  await expect(again).rejects.toThrow(ConflictError);
});

it('does not report a conflict with its own request when the response is lost', async () => {
  const { emulator, url } = await emulateLocation();
  const plane = createAppConfigControlPlane({ ...LOCATION, endpoint: url, timeoutMs: 5000 });
  await plane.ids();
  emulator.faults.set({ kind: 'lost', plane: 'control', times: 1 });
  await expect(plane.createVersion(version)).rejects.toThrow(UnavailableError);
});

it('times out on a response that stops in the middle', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '99' }).write('{"Items"');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clientConfig = { maxAttempts: 1 };
  const plane = createAppConfigControlPlane({ ...LOCATION, endpoint, timeoutMs: 100, clientConfig });
  await expect(plane.ids()).rejects.toThrow(UnavailableError);
});
