/** Where to read on, of a setting: the schema has texts alone. Paths start at docs/reference. */
const SIDECAR = '../../packages/sidecar/README.md';
const VALIDATOR = '../../packages/validator/README.md';

export const LINKS_OF_SETTINGS: Readonly<Record<string, string>> = {
  revocation: `[The list](${VALIDATOR}#revocation).`,
  flags: '[Flags](../../packages/flags/README.md).',
  gate: '[What it checks](../../runbooks/close.md).',
  sidecar: `[The sidecar](${SIDECAR}).`,
  'side.issuer': '[Of your provider](../providers.md).',
  'side.introspection': `[Opaque tokens](${VALIDATOR}#opaque-tokens).`,
  'gate.silence': '[Why](../prometheus-at-scale.md#what-it-does-not-know).',
  'gate.prometheus': '[One that asks who queries](../plan.md#a-prometheus-that-asks-who-queries).',
  'gate.acknowledged': '[When](../../runbooks/disagreements.md).',
  'sidecar.mode': `[Collect](${SIDECAR}#collect).`,
  'sidecar.preflight': `[Preflights](${SIDECAR}#preflights).`,
  'sidecar.metrics': `[Metrics port](${SIDECAR}#metrics-port).`,
  'sidecar.upstreamProtocol': `[HTTP/2](${SIDECAR}#http2-and-grpc).`,
  'sidecar.tlsRequestCert': `[Bound tokens](${SIDECAR}#bound-tokens).`,
  'sidecar.trustedProxies': `[Behind a proxy that ends TLS](${SIDECAR}#behind-a-proxy-that-ends-tls).`,
  'sidecar.upstreamToken': `[A JWT in place of an opaque token](${SIDECAR}#a-jwt-in-place-of-an-opaque-token).`,
  'sidecar.fastPath': '[When to do so](../../runbooks/fast-path.md).',
  'sidecar.legacyConnections': `[Connections that outlive their token](${SIDECAR}#connections-that-outlive-their-token).`,
};
