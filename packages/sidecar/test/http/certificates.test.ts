import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCertificates } from '../../src/http/certificates.ts';
import { createCertificate } from '../fixture/certificate.ts';
import { planOf } from '../fixture/testbed.ts';

const { sidecar } = planOf({ issuer: 'https://idp.example.com', upstream: 'http://127.0.0.1:1', flags: 'flags.json' });
const settings = (paths: object) =>
  ({ service: 's', mode: 'proxy', judge: 'observe', listen: '', admin: '', ...paths }) as const;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'certificates-'));
  const { cert, key } = createCertificate();
  await Promise.all([writeFile(join(directory, 'tls.crt'), cert), writeFile(join(directory, 'tls.key'), key)]);
  await writeFile(join(directory, 'other.key'), createCertificate().key);
});
afterAll(() => rm(directory, { recursive: true }));

test('a plan without certificate files has no certificates', async () => {
  expect(sidecar && (await readCertificates(sidecar))).toEqual({});
});

test('a key pair and the certificates for an upstream are read', async () => {
  const [tlsCert, tlsKey] = [join(directory, 'tls.crt'), join(directory, 'tls.key')];
  const certificates = await readCertificates(settings({ tlsCert, tlsKey, upstreamCa: tlsCert }));
  expect(certificates.upstreamCa).toBe(certificates.keyPair?.cert.toString());
});

test('the error names every file that cannot be read', async () => {
  const failure = readCertificates(settings({ tlsCert: '/nowhere/a', tlsKey: '/nowhere/b', upstreamCa: '/nowhere/c' }));
  await expect(failure).rejects.toMatchObject({
    problems: expect.arrayContaining([
      { path: 'sidecar.tlsCert', message: 'cannot read /nowhere/a (ENOENT)' },
      { path: 'sidecar.tlsKey', message: 'cannot read /nowhere/b (ENOENT)' },
      { path: 'sidecar.upstreamCa', message: 'cannot read /nowhere/c (ENOENT)' },
    ]),
  });
});

test('the key of another certificate is rejected', async () => {
  const failure = readCertificates(
    settings({ tlsCert: join(directory, 'tls.crt'), tlsKey: join(directory, 'other.key') }),
  );
  await expect(failure).rejects.toMatchObject({ problems: [{ path: 'sidecar.tlsKey' }] });
});
