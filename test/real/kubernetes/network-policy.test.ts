import { describe, expect, it } from 'vitest';
import { missing } from '../fixture/real-part.ts';
import { ofKind } from './fixture/kubernetes-object.ts';
import { allows, type Flow, type Party } from './fixture/network-policy.ts';
import { renderKustomization } from './fixture/render.ts';

const pod = (name: string) => ({ 'app.kubernetes.io/name': name });
const MONITORING: Party = { namespace: 'monitoring' };
const STRANGER: Party = { namespace: 'strangers' };
const NEIGHBOUR: Party = { namespace: 'orders', labels: pod('another-api') };
const INTERNET: Party = { address: '203.0.113.7' };

describe.skipIf(missing('kubectl'))('the network policies of the pod with the sidecar', () => {
  const policies = ofKind(renderKustomization('base'), 'NetworkPolicy');
  const into = (party: Party, port: number) =>
    allows(policies, { direction: 'Ingress', pod: pod('orders-api'), party, port });

  it('let every client through to the sidecar, and none to the API behind it or to the admin port', () => {
    for (const client of [STRANGER, NEIGHBOUR, INTERNET])
      expect([8080, 3000, 9464, 9465].filter((port) => into(client, port))).toEqual([8080]);
  });

  it('let the scraper through to the metrics', () => {
    expect([3000, 9464, 9465].filter((port) => into(MONITORING, port))).toEqual([9465]);
  });

  it('leave what the API itself connects to alone', () => {
    expect(allows(policies, { direction: 'Egress', pod: pod('orders-api'), party: INTERNET, port: 5432 })).toBe(true);
  });
});

const GATEWAYS = [
  { overlay: 'envoy-gateway', gateway: { namespace: 'envoy-gateway-system' } },
  { overlay: 'istio', gateway: { namespace: 'orders', labels: pod('orders-api') } },
  { overlay: 'traefik', gateway: { namespace: 'traefik' } },
] as const;

describe.skipIf(missing('kubectl')).each(GATEWAYS)('the network policies of $overlay', ({ overlay, gateway }) => {
  const policies = ofKind(renderKustomization(`overlays/${overlay}`), 'NetworkPolicy');
  const sidecar = pod('orders-auth');
  const into = (party: Party, port: number) => allows(policies, { direction: 'Ingress', pod: sidecar, party, port });
  const out = (party: Party, port: number, protocol: Flow['protocol'] = 'TCP') =>
    allows(policies, { direction: 'Egress', pod: sidecar, party, port, protocol });

  it('let the one that asks through to the sidecar, the scraper to the metrics, and nothing else', () => {
    expect([8080, 9464, 9465].filter((port) => into(gateway, port))).toEqual([8080]);
    expect([8080, 9464, 9465].filter((port) => into(MONITORING, port))).toEqual([9465]);
    for (const party of [STRANGER, NEIGHBOUR, INTERNET])
      expect([8080, 9464, 9465].filter((port) => into(party, port))).toEqual([]);
  });

  it('let the sidecar through to names, issuers, AppConfig, its credentials and Prometheus, and to nothing else', () => {
    expect(out({ namespace: 'kube-system' }, 53, 'UDP') && out({ namespace: 'kube-system' }, 53)).toBe(true);
    // The issuers and AppConfig; not the metadata of the node.
    expect([80, 443, 5432].filter((port) => out(INTERNET, port))).toEqual([443]);
    expect(out({ address: '169.254.170.23' }, 80)).toBe(true);
    expect(out({ address: '169.254.169.254' }, 80)).toBe(false);
    expect([9090, 5432].filter((port) => out(MONITORING, port))).toEqual([9090]);
    expect([80, 3000, 8080].filter((port) => out(NEIGHBOUR, port))).toEqual([]);
  });

  it('let the gateway alone through to the API, or leave it to the proxy in its pods', () => {
    const intoApi = (party: Party) =>
      allows(policies, { direction: 'Ingress', pod: pod('orders-api'), party, port: 3000 });
    // Istio's proxy asks for each request that reaches the pod: there is no way past it.
    const others = overlay === 'istio';
    expect([gateway, STRANGER, NEIGHBOUR, INTERNET].map(intoApi)).toEqual([true, others, others, others]);
  });
});
