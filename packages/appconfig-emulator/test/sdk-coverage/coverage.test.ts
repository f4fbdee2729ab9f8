import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rejection } from '../fixture.ts';
import { coverageOf } from './coverage-table.ts';
import { DEPLOYMENT_EXERCISES } from './deployment-exercises.ts';
import { startWorld, WRONG } from './exercise.ts';
import type { Answer } from './recorder.ts';
import { RESOURCE_EXERCISES } from './resource-exercises.ts';
import { anyCommand, modelledOperations } from './sdk-model.ts';

const operations = modelledOperations();
const exercises = { ...RESOURCE_EXERCISES, ...DEPLOYMENT_EXERCISES };
const answers: Answer[] = [];
const readme = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8').replaceAll('\n', ' ');
const lastError = () => answers.at(-1)?.error;

/** What the SDK documents, and the emulator has no way to answer. */
const NOT_REACHABLE = [
  // AWS publishes no number of versions to run out of.
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
        const world = await startWorld(answers);
        await rejection(fail(world, world.input), Error);
        expect(lastError()).toBe(failure.split(' ', 1)[0]);
      }
      const world = await startWorld(answers);
      for (const [failure, wrong] of Object.entries(WRONG)) {
        const isOwn = Object.keys(failures).some((own) => own.startsWith(failure));
        if (isOwn || !errors.includes(failure) || NOT_REACHABLE.includes(`${name}: ${failure}`)) continue;
        await rejection(call(world, { ...world.input, ...wrong }), Error);
        expect(lastError()).toBe(failure);
      }
      for (const kind of ['error', 'throttle'] as const) {
        world.emulator.faults.set({ kind, times: 1 });
        await rejection(call(world, world.input), Error);
        expect(lastError()).toBe(kind === 'error' ? 'InternalServerException' : 'ThrottlingException');
      }
      await call(world, world.input);
      expect(answers.at(-1)).toMatchObject({ operation: name, hasRequestId: true });
      expect(lastError()).toBeUndefined();
    },
  );

  it('says by its name what is not here, and so does the README', async () => {
    const { control } = await startWorld(answers);
    for (const { name } of operations.filter((operation) => exercises[operation.name] === undefined)) {
      const error = await rejection(control.send(anyCommand(name)), Error);
      expect(error).toMatchObject({ name: 'NotImplementedException', Operation: name });
      expect(readme).toContain(`\`${name}\``);
    }
  });

  it('gives every error its type in a header and in the SDK, and every answer a request id', () => {
    for (const { error, errorTypeHeader, hasRequestId } of answers) {
      expect(errorTypeHeader).toBe(error);
      expect(hasRequestId).toBe(true);
    }
  });

  it('covers what it says it covers', async () => {
    const { notSeen, text, summary } = coverageOf(operations, answers);
    expect(notSeen).toEqual(NOT_REACHABLE);
    expect(readme).toContain(summary);
    await expect(text).toMatchFileSnapshot('./coverage.txt');
  });
});
