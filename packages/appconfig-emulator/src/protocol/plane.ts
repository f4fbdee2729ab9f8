import type { Plane } from '../faults/fault.ts';

/** Where the emulator's own switches are. They are of no plane: no fault strikes them, and nobody signs for them. */
export const ADMIN_PREFIX = '/_emulator';

/** Which of AWS's two planes a URL is for; `undefined`: neither. */
export function planeOf(url: string): Plane | undefined {
  const path = url.split('?', 1)[0] ?? '';
  if (path === '/configuration' || path === '/configurationsessions') return 'data';
  return path === '/' || path === ADMIN_PREFIX || path.startsWith(`${ADMIN_PREFIX}/`) ? undefined : 'control';
}
