import { expect, it } from 'vitest';
import { describeFileFailure } from '../../src/disk-cache/file-failure.ts';

it('names the file and the failure', () => {
  expect(describeFileFailure('/a', Object.assign(new Error('x'), { code: 'EROFS' }))).toBe(
    '/a is on a read-only file system',
  );
  expect(describeFileFailure('/a', Object.assign(new Error('x'), { code: 'EXDEV' }))).toBe('/a cannot be used (EXDEV)');
});

it('describes a value that is not a system error', () => {
  expect(describeFileFailure('/a', 'thrown text')).toBe('/a cannot be used (unknown error)');
});
