/** Every metric of the control plane, in one place: names, help, labels. No label has values that a workload chooses. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds; the bound that the product promises for admission is 30 ms. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 1, 5];

export interface Gauges {
  waiters: () => number;
  compiled: () => number;
  tokens: () => number;
  pods: () => number;
  policies: () => number;
  /** Milliseconds since the epoch; undefined: no certificate. */
  certificateEnds: () => number | undefined;
  /** Connections that have shown nothing yet, of API servers, of sidecars. */
  connections: (kind: 'stranger' | 'admission' | 'sidecar') => number;
  /** Labelled namespaces whose ConfigMap of authorities is not ours now. */
  unprepared: () => number;
  isLeader: () => boolean;
  isSynced: () => boolean;
}

export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ name: `weir_${name}`, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Histogram({ name: `weir_${name}`, help, labelNames, buckets: SECONDS, registers });
  const gauge = (name: string, help: string) => new Gauge({ name: `weir_${name}`, help, registers });
  return {
    registry,
    admissionSeconds: histogram('admission_seconds', 'Time to answer an admission review', 'webhook', 'result'),
    policyAnswers: counter('policy_answers_total', 'Answers to sidecars that ask for their policy', 'status'),
    compileSeconds: histogram('compile_seconds', 'Time to compile a set of policies'),
    tokenReviews: counter('token_reviews_total', 'Tokens of sidecars, by what came of them', 'result'),
    reports: counter('reports_total', 'Reports of sidecars', 'result'),
    reportedEvents: counter('reported_events_total', 'Decisions that sidecars reported', 'action', 'layer', 'reason'),
    lostEvents: counter('lost_events_total', 'Decisions that are counted and not told', 'kind'),
    kubeEvents: counter('kube_events_total', 'Kubernetes Events', 'reason', 'result'),
    watchLists: counter('watch_lists_total', 'Whole lists that were read', 'kind'),
    watchFailures: counter('watch_failures_total', 'Watches that failed', 'kind'),
    published: counter('authority_writes_total', 'Writes of the authority to where clients look', 'kind', 'result'),
    strangers: counter('strangers_closed_total', 'Connections that showed nothing and were closed', 'why'),
    statusWrites: counter('status_writes_total', 'Writes of the status of policies', 'result'),
    evictions: counter('evictions_total', 'Evictions of pods without Weir', 'result'),
    optOuts: counter('opt_outs_total', 'Namespaces that lost the label'),
    logDropped: counter('log_dropped_total', 'Lines that the reader of the log was too slow for'),
    uninjectedPods: gauge('uninjected_pods', 'Pods without Weir in labelled namespaces (at the leader)'),
    /** Registers what is read when it is asked for. */
    follow(gauges: Gauges): void {
      const read = (name: string, help: string, value: () => number) =>
        new Gauge({
          name: `weir_${name}`,
          help,
          registers,
          collect() {
            this.set(value());
          },
        });
      read('waiting_sidecars', 'Sidecars that wait for a change', gauges.waiters);
      read('compiled_policies', 'Sets of policies whose compilation is kept', gauges.compiled);
      read('remembered_tokens', 'Tokens whose review is remembered', gauges.tokens);
      read('watched_pods', 'Injected pods that are known', gauges.pods);
      read('watched_policies', 'Policies of both kinds that are known', gauges.policies);
      read(
        'unprepared_namespaces',
        'Labelled namespaces whose authorities are not written: no pod is made there',
        gauges.unprepared,
      );
      new Gauge({
        name: 'weir_connections',
        help: 'Open connections, by what they have shown',
        labelNames: ['kind'],
        registers,
        collect() {
          for (const kind of ['stranger', 'admission', 'sidecar'] as const)
            this.set({ kind }, gauges.connections(kind));
        },
      });
      read('synced', '1 when everything has been listed', () => Number(gauges.isSynced()));
      read('leader', '1 at the replica that writes statuses', () => Number(gauges.isLeader()));
      read('certificate_not_after_seconds', 'When the certificate in use ends (seconds since the epoch)', () =>
        Math.round((gauges.certificateEnds() ?? 0) / 1000),
      );
    },
  };
}
