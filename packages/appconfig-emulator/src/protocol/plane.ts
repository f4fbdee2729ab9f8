/** One of AWS AppConfig's two APIs. */
export type Plane = 'data' | 'control';

/** The path of the emulator's own switches. They belong to no plane: faults and signatures do not apply to them. */
export const ADMIN_PREFIX = '/_emulator';

/** Returns the plane a URL belongs to; `undefined`: neither. */
export function planeOf(url: string): Plane | undefined {
  const path = url.split('?', 1)[0] ?? '';
  if (path === '/configuration' || path === '/configurationsessions') return 'data';
  return path === '/' || path === ADMIN_PREFIX || path.startsWith(`${ADMIN_PREFIX}/`) ? undefined : 'control';
}
