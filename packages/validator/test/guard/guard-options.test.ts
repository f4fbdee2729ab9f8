import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { guardSettings, guardShape } from '../../src/guard/guard-options.ts';

const schema = z.object(guardShape);
const validator = { judge: () => {}, judgeHeader: () => {}, openSides: () => [], dpopChallenge: () => ({}) };

describe('the options of a guard', () => {
  test('need only a validator', () => {
    expect(guardSettings(schema.parse({ validator }))).toMatchObject({ validator, resourceMetadata: undefined });
  });

  test('locate the metadata of a resource, and lower-case a header name', () => {
    const certificateHeader = { name: 'Client-Cert', format: 'rfc9440' };
    const settings = guardSettings(schema.parse({ validator, resource: 'https://a.example.com/b', certificateHeader }));

    expect(settings.resourceMetadata).toBe('https://a.example.com/.well-known/oauth-protected-resource/b');
    expect(settings.certificateHeader).toEqual({ name: 'client-cert', format: 'rfc9440' });
  });

  test('locate the metadata of the public URL where no other resource is named', () => {
    const settingsOf = (options: object) => guardSettings(schema.parse({ validator, ...options }));

    expect(settingsOf({ publicUrl: 'https://a.example.com/b/' })).toMatchObject({
      publicUrl: 'https://a.example.com/b',
      resourceMetadata: 'https://a.example.com/.well-known/oauth-protected-resource/b',
    });
    expect(settingsOf({ publicUrl: 'https://a.example.com/b', resource: 'https://a.example.com/c' })).toMatchObject({
      resourceMetadata: 'https://a.example.com/.well-known/oauth-protected-resource/c',
    });
    expect(settingsOf({ publicUrl: 'http://a.example.com' }).resourceMetadata).toBeUndefined();
  });

  test.each([
    ['validator', { validator: {} }],
    ['validator', { validator: null }],
    ['validator', { validator: { ...validator, judgeHeader: undefined } }],
    ['features', { features: null }],
    ['resource', { resource: 'http://api.example.com' }],
    ['resource', { resource: 'orders' }],
    ['publicUrl', { publicUrl: 'api.example.com' }],
    ['certificateHeader', { certificateHeader: 'client-cert' }],
    ['certificateHeader', { certificateHeader: { name: 'a b', format: 'rfc9440' } }],
    ['certificateHeader', { certificateHeader: { name: 'a', format: 'pem' } }],
    ['certificateHeader', { certificateHeader: { name: 'a' } }],
    ['onJudgement', { onJudgement: 'log' }],
  ])('report a wrong %s', (path, wrong) => {
    const parsed = schema.safeParse({ validator, ...wrong });

    expect(parsed.error?.issues.map((issue) => issue.path[0])).toEqual([path]);
  });
});
