import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { ConfigError, errorCode, type Problem, type SidecarPlan } from '@crossfade/core';

/** A certificate chain and its private key, both PEM. */
export interface KeyPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** The contents of the plan's certificate files. */
export interface Certificates {
  readonly keyPair?: KeyPair;
  readonly upstreamCa?: string;
}

/**
 * Reads the plan's certificate files.
 * @throws {@link ConfigError} with every file that cannot be read, or a key that does not match its certificate.
 */
export async function readCertificates({ tlsCert, tlsKey, upstreamCa }: SidecarPlan): Promise<Certificates> {
  const problems: Problem[] = [];
  const read = async (path: string | undefined, setting: string) => {
    if (path === undefined) return undefined;
    try {
      return await readFile(path);
    } catch (error) {
      const code = errorCode(error) ?? 'unknown reason';
      problems.push({ path: `sidecar.${setting}`, message: `cannot read ${path} (${code})` });
      return undefined;
    }
  };
  const [cert, key, ca] = await Promise.all([
    read(tlsCert, 'tlsCert'),
    read(tlsKey, 'tlsKey'),
    read(upstreamCa, 'upstreamCa'),
  ]);
  if (cert !== undefined && key !== undefined && !isMatchingPair({ cert, key })) {
    problems.push({ path: 'sidecar.tlsKey', message: 'is not the PEM key of the certificate in tlsCert' });
  }
  if (problems.length > 0) throw new ConfigError('plan', problems);
  return {
    ...(cert !== undefined && key !== undefined && { keyPair: { cert, key } }),
    ...(ca !== undefined && { upstreamCa: ca.toString() }),
  };
}

function isMatchingPair(pair: KeyPair): boolean {
  try {
    createSecureContext({ ...pair });
    return true;
  } catch {
    return false;
  }
}
