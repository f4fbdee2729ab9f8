/** The objects of the Prometheus Operator (monitoring.coreos.com/v1) that Crossfade ships: only what they use. */

interface Metadata {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}
interface Selector {
  readonly matchLabels: Readonly<Record<string, string>>;
}
interface Endpoint {
  readonly port: string;
  readonly path: string;
  readonly interval: string;
  readonly honorLabels?: boolean;
}
export interface PodMonitor {
  readonly apiVersion: 'monitoring.coreos.com/v1';
  readonly kind: 'PodMonitor';
  readonly metadata: Metadata;
  readonly spec: { readonly selector: Selector; readonly podMetricsEndpoints: readonly Endpoint[] };
}
export interface ServiceMonitor {
  readonly apiVersion: 'monitoring.coreos.com/v1';
  readonly kind: 'ServiceMonitor';
  readonly metadata: Metadata;
  readonly spec: { readonly selector: Selector; readonly endpoints: readonly Endpoint[] };
}
export interface Service {
  readonly apiVersion: 'v1';
  readonly kind: 'Service';
  readonly metadata: Metadata;
  readonly spec: {
    readonly clusterIP: 'None';
    readonly publishNotReadyAddresses: boolean;
    readonly selector: Readonly<Record<string, string>>;
    readonly ports: readonly { readonly name: string; readonly port: number; readonly targetPort: number }[];
  };
}
export interface PrometheusRule {
  readonly apiVersion: 'monitoring.coreos.com/v1';
  readonly kind: 'PrometheusRule';
  readonly metadata: Metadata;
  readonly spec: { readonly groups: readonly RuleGroup[] };
}

/** A group of a file of rules, which the operator takes as it is. */
export interface RuleGroup {
  readonly name: string;
  readonly interval?: string;
  readonly rules: readonly object[];
}

/** The API of `deploy/kubernetes/base/orders-api.yaml`. */
const APP = { 'app.kubernetes.io/name': 'orders-api' };
const METRICS_PORT = 9465;
const ENDPOINT: Endpoint = { port: 'metrics', path: '/metrics', interval: '15s' };

/** Scrapes each pod of a Deployment that has the sidecar. */
export function podMonitor(name: string): PodMonitor {
  const labels = { 'app.kubernetes.io/name': name };
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: { name, labels },
    spec: { selector: { matchLabels: labels }, podMetricsEndpoints: [ENDPOINT] },
  };
}

/** A Service for the scraper alone: the one of the API has no such port. A pod that is not ready is scraped all the same. */
const METRICS_LABELS = { 'app.kubernetes.io/name': 'orders-api-metrics' };
export const metricsService: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'orders-api-metrics', labels: METRICS_LABELS },
  spec: {
    clusterIP: 'None',
    publishNotReadyAddresses: true,
    selector: APP,
    ports: [{ name: ENDPOINT.port, port: METRICS_PORT, targetPort: METRICS_PORT }],
  },
};

/** The operator gives each target a label `service`; without `honorLabels` Prometheus would rename Crossfade's. */
export const serviceMonitor: ServiceMonitor = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'ServiceMonitor',
  metadata: { name: 'orders-api', labels: APP },
  spec: { selector: { matchLabels: METRICS_LABELS }, endpoints: [{ ...ENDPOINT, honorLabels: true }] },
};

/** Returns rules as an object of the operator. */
export function prometheusRule(name: string, groups: readonly RuleGroup[]): PrometheusRule {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name, labels: { 'app.kubernetes.io/part-of': 'crossfade' } },
    spec: { groups },
  };
}
