/** Two dots, encoded or not: an API that resolves them may serve another route than the path seems to name. */
const TWO_DOTS = /(?:\.|%(?:25)*2e){2}/i;

/**
 * Returns whether a path needs no token, as `sidecar.publicPaths` says: an exact path without its query, or a prefix that
 * ends in `/*`. Responses there prove nothing about a token.
 * @param paths as in the plan.
 */
export function createPublicPaths(paths: readonly string[] = []): (path: string) => boolean {
  const exact = new Set(paths.filter((path) => !path.endsWith('/*')));
  const prefixes = paths.filter((path) => path.endsWith('/*')).map((path) => path.slice(0, -1));
  if (paths.length === 0) return () => false;
  return (target) => {
    const query = target.indexOf('?');
    const path = query < 0 ? target : target.slice(0, query);
    if (exact.has(path)) return true;
    return prefixes.some((prefix) => path.startsWith(prefix)) && !TWO_DOTS.test(path);
  };
}
