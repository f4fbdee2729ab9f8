import { expect, it } from 'vitest';
import { moveNote } from '../../src/move/move-note.ts';

function note(reason: string | undefined) {
  const options = { text: () => reason, given: () => reason !== undefined };
  return moveNote({ options, operator: 'alice@host' }, 'rollback');
}

it('names the operator, and the reason if there is one', () => {
  expect(note(undefined)).toEqual({ verb: 'rollback', operator: 'alice@host' });
  expect(note(' checkout errors ')).toEqual({ verb: 'rollback', operator: 'alice@host', reason: 'checkout errors' });
});

it.each(['', '   ', 'x'.repeat(201), 'two\nlines', 'a\u001b[31mred'])('refuses the reason %j', (reason) => {
  expect(() => note(reason)).toThrow(/one line/);
});
