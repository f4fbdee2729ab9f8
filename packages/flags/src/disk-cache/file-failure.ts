import { errorCode } from '@crossfade/core';

const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'may not be accessed',
  EEXIST: 'is in the way',
  EISDIR: 'is a directory',
  ELOOP: 'is a symbolic link',
  ENOENT: 'does not exist',
  ENOSPC: 'has no space left on its device',
  ENOTDIR: 'does not exist',
  EPERM: 'may not be accessed',
  EROFS: 'is on a read-only file system',
};

/** `/etc/flags.json does not exist`: a failed file operation for operators. */
export function describeFileFailure(path: string, error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `${path} did not answer in time`;
  const code = errorCode(error) ?? 'unknown error';
  return `${path} ${MEANINGS[code] ?? `can't be used (${code})`}`;
}
