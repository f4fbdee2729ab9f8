import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rejection } from '../fixture.ts';
import { coverageOf } from './coverage-table.ts';
import { DEPLOYMENT_EXERCISES } from './deployment-exercises.ts';
import { startSetup, WRONG } from './exercise.ts';
import type { RecordedResponse } from './recorder.ts';
import { RESOURCE_EXERCISES } from './resource-exercises.ts';
import { anyCommand, modelledOperations } from './sdk-model.ts';

const operations = modelledOperations();
const exercises = { ...RESOURCE_EXERCISES, ...DEPLOYMENT_EXERCISES };
const responses: RecordedResponse[] = [];
const readme = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8').replaceAll('\n', ' ');
const lastError = () => responses.at(-1)?.error;

/** Errors that the SDK documents and the emulator cannot return. */
const NOT_REACHABLE = [
  // AWS publishes no quota of versions.
  'CreateHostedConfigurationVersion: ServiceQuotaExceededException',
  // It takes no input.
  'GetAccountSettings: BadRequestException',
];

describe('the emulator, driven by the official SDK', () => {
  it.each(operations.filter(({ name }) => exercises[name] !== undefined))(
    '$name succeeds, and fails in every way that the SDK documents',
    async ({ name, errors }) => {
      const { call, failures = {} } = exercises[name] ?? expect.fail();
      for (const [failure, fail] of Object.entries(failures)) {
        const setup = await startSetup(responses);
        await rejection(fail(setup, setup.input), Error);
        expect(lastError()).toBe(failure.split(' ', 1)[0]);
      }
      const setup = await startSetup(responses);
      for (const [failure, wrong] of Object.entries(WRONG)) {
        const isOwn = Object.keys(failures).some((own) => own.startsWith(failure));
        if (isOwn || !errors.includes(failure) || NOT_REACHABLE.includes(`${name}: ${failure}`)) continue;
        await rejection(call(setup, { ...setup.input, ...wrong }), Error);
        expect(lastError()).toBe(failure);
      }
      for (const kind of ['error', 'throttle'] as const) {
        setup.emulator.faults.set({ kind, times: 1 });
        await rejection(call(setup, setup.input), Error);
        expect(lastError()).toBe(kind === 'error' ? 'InternalServerException' : 'ThrottlingException');
      }
      await call(setup, setup.input);
      expect(responses.at(-1)).toMatchObject({ operation: name, hasRequestId: true });
      expect(lastError()).toBeUndefined();
    },
  );

  it('names every unsupported operation in its 501, and so does the README', async () => {
    const { control } = await startSetup(responses);
    for (const { name } of operations.filter((operation) => exercises[operation.name] === undefined)) {
      const error = await rejection(control.send(anyCommand(name)), Error);
      expect(error).toMatchObject({ name: 'NotImplementedException', Operation: name });
      expect(readme).toContain(`\`${name}\``);
    }
  });

  it('gives every error its type in a header and in the SDK, and every response a request id', () => {
    for (const { error, errorTypeHeader, hasRequestId } of responses) {
      expect(errorTypeHeader).toBe(error);
      expect(hasRequestId).toBe(true);
    }
  });

  it('covers what coverage.txt and the README state', async () => {
    const { notSeen, text, summary } = coverageOf(operations, responses);
    expect(notSeen).toEqual(NOT_REACHABLE);
    expect(readme).toContain(summary);
    await expect(text).toMatchFileSnapshot('./coverage.txt');
  });
});
