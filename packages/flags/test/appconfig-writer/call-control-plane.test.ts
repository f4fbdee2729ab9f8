import { ConfigError, ConflictError, UnavailableError } from '@crossfade/core';
import { expect, it } from 'vitest';
import { callControlPlane } from '../../src/appconfig-writer/call-control-plane.ts';

function failing(name: string, httpStatusCode?: number) {
  const error = Object.assign(new Error('because'), { name, ...(httpStatusCode && { $metadata: { httpStatusCode } }) });
  return callControlPlane('store the flags', () => Promise.reject(error));
}

it('returns what the call returns', async () => {
  await expect(callControlPlane('x', async () => 7)).resolves.toBe(7);
});

it('maps 409 to a ConflictError with the reason', async () => {
  await expect(failing('ConflictException', 409)).rejects.toThrow(
    new ConflictError('AppConfig did not store the flags (ConflictException, 409): because'),
  );
});

it.each([400, 402, 403, 404, 413])('maps %i to a ConfigError with the reason', async (status) => {
  const refused = failing('AccessDeniedException', status);
  await expect(refused).rejects.toThrow(ConfigError);
  await expect(refused).rejects.toThrow(
    `AppConfig did not store the flags (AccessDeniedException, ${status}): because`,
  );
});

it.each([429, 500, 503, undefined])('maps %s to an UnavailableError without quoting it', async (status) => {
  const failed = failing('Whatever', status);
  await expect(failed).rejects.toThrow(UnavailableError);
  await expect(failed).rejects.not.toThrow(/because/);
});

it('maps a missing region to a ConfigError', async () => {
  const failed = callControlPlane('x', () => Promise.reject(new Error('Region is missing')));
  await expect(failed).rejects.toThrow(ConfigError);
  await expect(failed).rejects.toThrow(/flags\.region: is required/);
});

it("does not wrap core's own errors", async () => {
  const error = new ConflictError('x');
  await expect(callControlPlane('y', () => Promise.reject(error))).rejects.toBe(error);
});

it.each([
  ['CredentialsProviderError', undefined],
  ['ExpiredTokenException', 403],
  ['UnrecognizedClientException', 403],
])('says how to log in after %s', async (name, status) => {
  const failed = failing(name, status);
  await expect(failed).rejects.toThrow(UnavailableError);
  await expect(failed).rejects.toThrow(/log in \(aws sso login/);
});
