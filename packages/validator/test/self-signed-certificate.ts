import { createHash, generateKeyPairSync, sign, X509Certificate } from 'node:crypto';

/** A self-signed certificate, as for TLS on loopback. */
export interface SelfSigned {
  readonly key: string;
  readonly cert: string;
  readonly der: Buffer;
  /** `x5t#S256` (RFC 8705 §3.1). */
  readonly thumbprint: string;
}

const ECDSA_WITH_SHA256 = tlv(0x06, Buffer.from('2a8648ce3d040302', 'hex'));
const COMMON_NAME = tlv(0x06, Buffer.from('550403', 'hex'));

/** Makes a key pair and its certificate (RFC 5280 §4.1), because Node.js reads certificates but cannot create them. */
export function createSelfSigned(name: string): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(ECDSA_WITH_SHA256);
  const subject = sequence(tlv(0x31, sequence(COMMON_NAME, tlv(0x0c, Buffer.from(name)))));
  const validity = sequence(tlv(0x17, Buffer.from('200101000000Z')), tlv(0x17, Buffer.from('491231235959Z')));
  const version = tlv(0xa0, tlv(0x02, Buffer.from([2])));
  const serial = tlv(0x02, Buffer.from([1]));
  const content = sequence(
    version,
    serial,
    algorithm,
    subject,
    validity,
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = sign('sha256', content, privateKey);
  const der = sequence(content, algorithm, tlv(0x03, Buffer.concat([Buffer.from([0]), signature])));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: new X509Certificate(der).toString(),
    der,
    thumbprint: createHash('sha256').update(der).digest('base64url'),
  };
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, ...parts);
}

/** Tag, length and value of DER (X.690 §8.1). */
function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  if (value.length < 0x80) return Buffer.concat([Buffer.from([tag, value.length]), value]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(value.length);
  return Buffer.concat([Buffer.from([tag, 0x82]), length, value]);
}
