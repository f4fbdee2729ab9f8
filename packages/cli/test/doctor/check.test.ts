import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RUNBOOKS } from '@crossfade/core';
import { expect, it } from 'vitest';
import { CHECKS } from '../../src/doctor/check.ts';

const FOLDER = join(import.meta.dirname, '../../../../runbooks');

it.each(Object.entries(CHECKS))(
  '%s says what depends on it, and leads to a page that exists',
  (_, { why, runbook }) => {
    expect(why).toMatch(/^[A-Za-z].*[^.]$/);
    expect(RUNBOOKS).toContain(runbook);
    expect(existsSync(join(FOLDER, `${runbook}.md`))).toBe(true);
  },
);
