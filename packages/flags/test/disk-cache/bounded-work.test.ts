import { expect, it } from 'vitest';
import { createBoundedWork } from '../../src/disk-cache/bounded-work.ts';

it('passes on what the work gives, and how it fails', async () => {
  const bounded = createBoundedWork(10_000);
  await expect(bounded(async () => 7)).resolves.toBe(7);
  await expect(bounded(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  await expect(bounded(async () => 8)).resolves.toBe(8);
});

it('does not wait for work that hangs, and begins no other until it has ended', async () => {
  const bounded = createBoundedWork(10);
  const hanging = deferred();
  let begun = 0;
  const work = () => {
    begun += 1;
    return begun === 1 ? hanging.promise : Promise.resolve(2);
  };
  await expect(bounded(work)).rejects.toMatchObject({ name: 'TimeoutError' });
  await expect(bounded(work)).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(begun).toBe(1);
  hanging.resolve(1);
  await hanging.promise;
  await expect(bounded(work)).resolves.toBe(2);
});

it('lets no late failure escape', async () => {
  const bounded = createBoundedWork(10);
  const hanging = deferred();
  await expect(bounded(() => hanging.promise)).rejects.toMatchObject({ name: 'TimeoutError' });
  hanging.reject(new Error('late'));
  await expect(hanging.promise).rejects.toThrow('late');
  await expect(bounded(async () => 2)).resolves.toBe(2);
});

function deferred() {
  let resolve: (value: number) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<number>((fulfil, fail) => {
    resolve = fulfil;
    reject = fail;
  });
  return { promise, resolve, reject };
}
