import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { ProviderPage, SampleToken } from './provider-page.ts';

/** A provider's issuers on loopback: metadata, keys made for the test, and tokens with the claims of its page. */
export interface ProviderDouble {
  /** The page's plan with every issuer, and every key URL, on loopback. */
  readonly planText: string;
  /** Signs a token; `forged` with a key that the issuer does not publish. */
  mint(token: SampleToken, changes?: Readonly<Record<string, unknown>>, signer?: 'own' | 'forged'): Promise<string>;
  close(): Promise<void>;
}

/** One pair for all pages. Keys of RSA, as most providers have them, take long to make, and no page is about them. */
const KEYS = Promise.all([createKey(), createKey()]).then(([own, forged]) => ({ own, forged }));

export async function startProviderDouble({ plan, planText, tokens }: ProviderPage): Promise<ProviderDouble> {
  const keys = await KEYS;
  const issuers = new Set([plan.legacy, plan.target].flatMap(({ issuer, issuers: all }) => all ?? [issuer]));
  for (const { claims } of tokens) if (typeof claims['iss'] === 'string') issuers.add(claims['iss']);
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const isMetadata = path.endsWith('/.well-known/openid-configuration');
    const prefix = path.replace('/.well-known/openid-configuration', '');
    const issuer = [...issuers].map(onLoopback).find((name) => name.replace(/\/$/, '') === `${origin}${prefix}`);
    if (isMetadata && issuer === undefined) {
      response.writeHead(404).end();
      return;
    }
    const metadata = { issuer, jwks_uri: `${origin}/keys` };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(isMetadata ? metadata : { keys: [keys.own.jwk] }));
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  /** Each host becomes a folder, so that two issuers stay two. */
  function onLoopback(text: string): string {
    const hosts = [...issuers, ...planText.matchAll(/keys: (?:\{ url: )?(https?:\S+)/g)]
      .map((found) => (typeof found === 'string' ? found : (found[1] ?? '')))
      .map((url) => url.replace(/^(https?:\/\/[^/]+).*$/, '$1'));
    return [...new Set(hosts)].reduce(
      (changed, host) => changed.replaceAll(host, `${origin}/${host.replace(/^https?:\/\//, '')}`),
      text,
    );
  }

  return {
    planText: onLoopback(planText),
    async mint({ header, claims }, changes = {}, signer = 'own') {
      const nowSeconds = Math.floor(Date.now() / 1000);
      const times = { iat: nowSeconds - 60, exp: nowSeconds + 600 };
      const whole = { ...times, ...JSON.parse(onLoopback(JSON.stringify(claims))), ...changes };
      return new SignJWT(whole)
        .setProtectedHeader({ ...header, alg: 'ES256', kid: 'own' })
        .sign(keys[signer].privateKey);
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function createKey() {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: 'own', alg: 'ES256', use: 'sig' } };
}
