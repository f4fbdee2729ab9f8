import { ConfigError } from '@crossfade/core';
import { expect, it } from 'vitest';
import { importPeer } from '../src/import-peer.ts';

it('says what to install when a peer dependency is missing', async () => {
  const missing = Object.assign(new Error('x'), { code: 'ERR_MODULE_NOT_FOUND' });
  const loaded = importPeer('@aws-sdk/client-appconfig', () => Promise.reject(missing));
  await expect(loaded).rejects.toThrow(ConfigError);
  await expect(loaded).rejects.toThrow(/npm install @aws-sdk\/client-appconfig$/);
});

it('passes other failures through', async () => {
  await expect(importPeer('x', () => Promise.reject(new SyntaxError('bad')))).rejects.toThrow(SyntaxError);
  await expect(importPeer('x', async () => 7)).resolves.toBe(7);
});
