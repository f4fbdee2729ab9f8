/**
 * Puts a bearer token in place of the one that a client sent, in its own field. A DPoP proof goes with that token: it has
 * been checked, and proves nothing about the new one.
 * @param fields names and values in turn.
 */
export function replaceToken(fields: string[], token: string): void {
  for (let index = fields.length - 2; index >= 0; index -= 2) {
    const name = fields[index]?.toLowerCase();
    if (name === 'authorization') fields[index + 1] = `Bearer ${token}`;
    else if (name === 'dpop') fields.splice(index, 2);
  }
}
