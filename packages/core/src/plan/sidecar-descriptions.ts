/** What one setting of a plan is for. The JSON Schema shows it in editors, and docs/reference/plan.md is made of it. */
export interface SettingDescription {
  /** What it sets, in plain text with `code`. */
  readonly text: string;
  /** What holds where it is left out, if the schema has no default of its own. */
  readonly absent?: string;
}

/** The settings of `sidecar`. */
export const SIDECAR: Readonly<Record<string, SettingDescription>> = {
  '': { text: 'The sidecar in front of one API, which counts its traffic by audience.' },
  service: { text: "The API's name: the other label of every metric." },
  mode: {
    text: "`proxy`: every request goes through it. `forward-auth`: responds to a proxy's auth request with 200, 401, 403 or 503, always by the token. `collect`: counts what validators in other processes judged.",
  },
  judge: {
    text: '`proxy` only. `observe` never changes a response; `enforce` judges first and responds 401, 403 or 503 itself.',
  },
  preflight: {
    text: 'CORS preflights carry no token: by `pass` they pass unjudged, counted as preflights. `judge` refuses them where requests without a token are refused.',
    absent: '`pass`',
  },
  listen: {
    text: 'The data port: `host:port`, `[::1]:8080`, or `unix:/run/crossfade.sock`. In `collect` mode only a Unix socket, which receives judgements; no port is opened.',
  },
  admin: {
    text: 'The admin port. It has no authentication, keep it on loopback. There it responds only to loopback names in `Host`; on the network it shows client ids to every caller, under any name.',
  },
  metrics: {
    text: "One more port, with `/metrics`, `/healthz` and `/readyz`: for a cluster's scraper and probes. `CROSSFADE_SIDECAR_READ_TOKEN` adds what the CLI reads, behind that token.",
    absent: 'none',
  },
  upstream: {
    text: 'The API behind it, `http:` or `https:` without credentials in the URL, or `unix:/run/app.sock`. Required by `proxy`.',
  },
  upstreamCa: {
    text: 'PEM file with the CA certificates for an `https:` upstream. The certificate must match the name in `upstream`, whatever `Host` the client sends.',
    absent: 'those of Node.js',
  },
  upstreamProtocol: {
    text: '`h2`: the API speaks HTTP/2, in clear text with prior knowledge or, with `https:`, by ALPN; gRPC goes end to end. The fast path is off then.',
    absent: '`http1`',
  },
  tlsCert: {
    text: 'PEM file with the certificate chain: TLS on the data port, with HTTP/1.1 and HTTP/2 (ALPN). Read again on SIGHUP, for new connections.',
    absent: 'plain HTTP',
  },
  tlsKey: { text: 'PEM file with the private key, set together with `tlsCert`.' },
  tlsRequestCert: {
    text: '`proxy` with `tlsCert`: asks clients for a certificate, for tokens that are bound to one.',
    absent: '`false`',
  },
  trustedProxies: {
    text: "Addresses and CIDR ranges of the proxies in front whose `X-Forwarded-*` and `Forwarded` headers are passed on; those of all other clients are replaced. Behind an ingress or a load balancer, name it here, or the API sees its address and protocol instead of the client's, and one that insists on https redirects to itself for ever. Clients on a Unix socket are trusted.",
    absent: 'none',
  },
  publicUrl: {
    text: "The public URL of the data port's path `/`, such as `https://api.example.com/orders` behind a proxy that strips `/orders`, or that ends TLS: DPoP proofs name the URL that the client used. No header overrides it.",
    absent: 'as requested',
  },
  clientCertificateHeader: {
    text: "The header in which trusted proxies hand on the client's certificate; from every other client it is removed.",
    absent: 'none',
  },
  methodHeader: {
    text: '`forward-auth` only: the one header in which trusted proxies name the method of the request that they ask about, and which they set on every request: `X-Original-Method` for the nginx files here, `X-Forwarded-Method` for Traefik and Caddy. Preflights and DPoP proofs go by it. Leave it out for Envoy.',
    absent: "the request's own method",
  },
  publicPaths: {
    text: 'Paths whose responses prove nothing about a token: exact ones, without the query, or prefixes that end in `/*`, but not `/*` itself. They open nothing: `enforce` judges there, too.',
    absent: 'none',
  },
  upstreamToken: {
    text: '`jwt`: an enforcing sidecar exchanges an opaque token for an access-token JWT and forwards that. Needs `judge: enforce`.',
    absent: '`same`',
  },
  exchange: { text: 'A token exchange (RFC 8693), for `upstreamToken: jwt`.', absent: 'none' },
  'exchange.endpoint': { text: 'The token endpoint.' },
  'exchange.clientId': { text: 'The client id of this API there.' },
  'exchange.clientSecretEnv': { text: 'The name of the environment variable that holds its secret.' },
  fastPath: { text: '`false` sends every request through `node:http`.', absent: '`true`' },
  legacyConnections: {
    text: '`proxy` only. Connections that outlive their token (WebSocket, gRPC and event streams): `end` closes those of tokens that a close refuses.',
    absent: '`keep`',
  },
  maxConnections: {
    text: 'Open connections of the data port; further ones are closed on arrival.',
    absent: '`10000`',
  },
  headerTimeout: {
    text: 'Time for a whole header section, and for a TLS handshake, to within half a second; then 408, and the connection is closed.',
    absent: '`30s`',
  },
  idleTimeout: {
    text: "How long a client's connection is kept open between requests. Set it above the time that the load balancer in front keeps its connections (Google's: 600 s), or requests meet a connection that is just closing.",
    absent: '`75s`',
  },
  responseTimeout: { text: 'Time for the API to begin its response; then 504.', absent: '`5m`' },
  stallTimeout: {
    text: 'Time for the client to send the next byte of a request body, or to read the next byte of a response; then both connections are cut. A silent API is not cut.',
    absent: '`60s`',
  },
  drainDelay: { text: 'How long connections are still accepted after `/readyz` says 503.', absent: '`0s`' },
  drainTimeout: {
    text: 'How long requests in flight may take after that; `drainDelay`, this and 2 s for judgements must fit into the time after which the process is killed (30 s on Kubernetes, 10 s with Docker, unless you set it).',
    absent: '`25s`',
  },
};
