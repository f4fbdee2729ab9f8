import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findWords, readWords } from './words.mjs';

const words = readWords(readFileSync(resolve(import.meta.dirname, 'words.txt'), 'utf8'));

describe('the list of words', () => {
  it('has ten entries, each with a better word', () => {
    expect(words).toHaveLength(10);
    expect(words.filter(({ better }) => better === '')).toEqual([]);
  });

  it('matches a word in any case, and reports its line', () => {
    expect(findWords('fine\nNobody knows', words)).toMatchObject([{ line: 2, word: 'nobody' }]);
  });

  it('matches a phrase that a comment breaks across two lines', () => {
    expect(findWords(' * It can\n * not be read', words)).toMatchObject([{ line: 1, word: 'can not' }]);
    expect(findWords('// the list, of\n// which one is', words)).toMatchObject([{ word: 'of which' }]);
    expect(findWords('# the list, of\n  # which one is', words)).toMatchObject([{ word: 'of which' }]);
    expect(findWords('> It can\n> > not be read', words)).toMatchObject([{ word: 'can not' }]);
  });

  it('matches a word with emphasis, in an identifier, or with a hyphen', () => {
    expect(findWords('_nobody_ and NOBODY_KNOWS', words)).toHaveLength(2);
    expect(findWords('can-not, can *not*, **can** not', words)).toHaveLength(3);
  });

  it('ignores longer words that contain a listed one', () => {
    expect(findWords('cannot, canoe, the manewer, some body', words)).toEqual([]);
  });
});
