import { guid, ISSUED_AT, type Vendor } from './vendor.ts';

const ISSUER = 'https://oidc.eks.us-west-2.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE';
const SCHEMA =
  'https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#schema-for-service-account-private-claims';
const PROJECTED =
  'https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#serviceaccount-token-volume-projection';
const bound = {
  nbf: ISSUED_AT,
  jti: guid(1),
  'kubernetes.io': {
    namespace: 'my-namespace',
    node: { name: 'my-node', uid: guid(2) },
    pod: { name: 'my-pod', uid: guid(3) },
    serviceaccount: { name: 'my-serviceaccount', uid: guid(4) },
  },
  sub: 'system:serviceaccount:my-namespace:my-serviceaccount',
};

export const KUBERNETES: Vendor = {
  name: 'Kubernetes service accounts',
  issuer: ISSUER,
  clients: [],
  apis: [
    {
      name: 'API, by URL',
      side: { issuer: ISSUER, audience: 'https://orders.example.com' },
      access: [
        {
          name: 'projected token',
          source: PROJECTED,
          header: {},
          claims: { ...bound, aud: ['https://orders.example.com'] },
        },
        {
          name: 'of two audiences',
          source: SCHEMA,
          header: {},
          claims: { ...bound, aud: ['https://kubernetes.default.svc', 'https://orders.example.com'] },
        },
      ],
    },
    {
      name: 'API, by name',
      side: { issuer: ISSUER, audience: 'vault' },
      access: [{ name: 'projected token', source: PROJECTED, header: {}, claims: { ...bound, aud: ['vault'] } }],
    },
  ],
  id: [],
};
