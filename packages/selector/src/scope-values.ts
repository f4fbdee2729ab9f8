/** The values of a space-separated scope (RFC 6749 §3.3). */
export function scopeValues(scope: string): readonly string[] {
  return scope.split(' ').filter((value) => value !== '');
}
