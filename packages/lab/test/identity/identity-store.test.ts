import { describe, expect, it } from 'vitest';
import { createIdentityStore } from '../../src/identity/identity-store.ts';

describe('the identity store', () => {
  it('keeps models and stores separate', async () => {
    const store = createIdentityStore();
    await store('Session').upsert('1', { uid: 'a' }, 60);
    expect(await store('Session').find('1')).toEqual({ uid: 'a' });
    expect(await store('Grant').find('1')).toBeUndefined();
    expect(await createIdentityStore()('Session').find('1')).toBeUndefined();
  });

  it('finds entries by uid until they expire', async () => {
    const store = createIdentityStore()('Session');
    await store.upsert('1', { uid: 'a' }, 60);
    await store.upsert('2', { uid: 'b' }, 0);
    expect(await store.findByUid('a')).toEqual({ uid: 'a' });
    expect(await store.findByUid('b')).toBeUndefined();
  });

  it('marks entries as consumed, destroys them, and revokes a whole grant', async () => {
    const codes = createIdentityStore()('AuthorizationCode');
    await codes.upsert('1', { grantId: 'g' }, 60);
    await codes.consume('1');
    expect(await codes.find('1')).toMatchObject({ grantId: 'g', consumed: expect.any(Number) });
    await codes.upsert('2', { grantId: 'g' }, 60);
    await codes.upsert('3', { grantId: 'h' }, 60);
    await codes.revokeByGrantId('g');
    await codes.destroy('3');
    expect(await Promise.all(['1', '2', '3'].map((id) => codes.find(id)))).toEqual([undefined, undefined, undefined]);
  });
});
