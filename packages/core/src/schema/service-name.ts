import { z } from 'zod';
import { expected } from './expected.ts';

const WHAT = 'the name of this API, which becomes the label service: a-z, 0-9, - and _';

/** The name of an API, as metrics carry it and as its instances are expected by. */
export function serviceName(): z.ZodString {
  return z.string(expected(WHAT)).regex(/^[a-zA-Z0-9_-]{1,64}$/, expected(WHAT));
}
