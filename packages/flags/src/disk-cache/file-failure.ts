import { errorCode } from '@crossfade/core';

const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'cannot be accessed: permission denied',
  EDQUOT: 'has no space left in its disk quota',
  EEXIST: 'already exists',
  EFBIG: 'is larger than this process may write',
  EIO: 'cannot be used: its device reports an error',
  EISDIR: 'is a directory',
  ELOOP: 'is a symbolic link',
  ENOENT: 'does not exist',
  ENOSPC: 'has no space left on its device',
  ENOTDIR: 'does not exist',
  EPERM: 'cannot be accessed: permission denied',
  EROFS: 'is on a read-only file system',
};

/** Describes a failed file operation for operators: `/etc/flags.json does not exist`. */
export function describeFileFailure(path: string, error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `${path} did not respond in time`;
  const code = errorCode(error) ?? 'unknown error';
  return `${path} ${MEANINGS[code] ?? `cannot be used (${code})`}`;
}
