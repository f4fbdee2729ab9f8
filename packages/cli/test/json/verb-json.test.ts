import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv2020, type AnySchema } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { SCHEMA_NAMES, VERB_JSON, verbJsonSchema } from '../../src/json/verb-json.ts';
import { VERBS } from '../../src/usage/verbs.ts';
import { checkJson } from '../fixture/check-json.ts';

const FOLDER = resolve(import.meta.dirname, '../../schema');

describe('the JSON schemas of the verbs', () => {
  it('are one for each verb, and one for the command line', () => {
    expect(Object.keys(VERB_JSON).toSorted()).toEqual(VERBS.map(({ name }) => name).toSorted());
    expect(readdirSync(FOLDER).toSorted()).toEqual(SCHEMA_NAMES.map((name) => `${name}.schema.json`).toSorted());
  });

  it.each(SCHEMA_NAMES)('%s: the file in schema/ is what the types say (-u writes it)', async (name) => {
    const text = `${JSON.stringify(verbJsonSchema(name, 'open'), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(resolve(FOLDER, `${name}.schema.json`));
  });

  it.each(SCHEMA_NAMES)(
    '%s: a strict reader of draft 2020-12 compiles the file, and a later property is no fault',
    (name) => {
      const schema: AnySchema = JSON.parse(readFileSync(resolve(FOLDER, `${name}.schema.json`), 'utf8'));
      expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' });
      const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
      const verb = name === 'crossfade' ? null : name;
      const failed = { verb, exitCode: 3, error: { code: 'unavailable', message: 'the store cannot be reached' } };
      expect(validate({ ...failed, addedLater: true })).toBe(true);
      expect(validate({ ...failed, exitCode: 6 })).toBe(false);
      expect(validate({ ...failed, error: {} })).toBe(false);
    },
  );
});

describe('the check that every test with --json passes through', () => {
  const document = { verb: 'reopen', exitCode: 0, migration: 'orders-2026', outcome: 'unchanged' };

  it('notices a property that the schema does not name, one that is missing, and another exit code', () => {
    expect(() => checkJson(JSON.stringify(document), 0)).not.toThrow();
    expect(() => checkJson(JSON.stringify({ ...document, more: 1 }), 0)).toThrow(/more/);
    expect(() => checkJson(JSON.stringify({ ...document, migration: undefined }), 0)).toThrow(/migration/);
    expect(() => checkJson(JSON.stringify(document), 1)).toThrow(/exit code/);
  });
});
