/** The control plane of one replica: every room, wired. */
import type { Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { REASONS } from '../crds/reasons.ts';
import { DETECTOR_NAMES } from '../sidecar/inspect/detectors/names.ts';
import { Admission } from './admission.ts';
import { MountedCertificates } from './certificates/mounted.ts';
import { OwnAuthority } from './certificates/own.ts';
import { Publisher } from './certificates/publish.ts';
import type { CertificateSource, Certificates } from './certificates/source.ts';
import { KubeClient } from './kube/client.ts';
import type { ApiConfig } from './kube/config.ts';
import { Leader } from './kube/leader.ts';
import { type ControlLog, createLog } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { PolicyBook } from './policies/book.ts';
import { PolicyService } from './policies/service.ts';
import { reviewer, Tokens } from './policies/tokens.ts';
import { Waiters } from './policies/waiters.ts';
import { Prepared } from './prepared.ts';
import { Recorder } from './reports/recorder.ts';
import { ReportService } from './reports/service.ts';
import { AdmissionSecret } from './server/admission-secret.ts';
import { createApi } from './server/api.ts';
import { Connections } from './server/connections.ts';
import { Drain } from './server/drain.ts';
import { createHealth } from './server/health.ts';
import { ServiceAddress } from './service-address.ts';
import {
  ADMISSION_SECRET,
  AUTHORITY_SECRET,
  LEASE,
  SERVICE,
  type Settings,
  WEBHOOK_CONFIGURATION,
} from './settings.ts';
import { watchOptOuts } from './status/opt-out.ts';
import { Sweep } from './status/sweep.ts';
import { StatusWriter } from './status/writer.ts';
import { barePods } from './watch/bare.ts';
import { Cluster } from './watch/cluster.ts';
import { injectedBy } from './watch/injected.ts';

/** Milliseconds after the signal to end until sidecars are let go: by then no new connection comes to this replica. */
const QUIET_MS = 5000;
/** Milliseconds that requests get to end after the drain. */
const LAST_MS = 3000;

export class ControlPlane {
  readonly #settings: Settings;
  readonly #metrics: Metrics;
  readonly #log: ControlLog;
  readonly #client: KubeClient;
  readonly #cluster: Cluster;
  readonly #certificates: CertificateSource;
  readonly #secret: AdmissionSecret;
  readonly #publisher: Publisher;
  readonly #connections: Connections;
  readonly #policies: PolicyService;
  readonly #reports: ReportService;
  readonly #recorder: Recorder;
  readonly #leader: Leader;
  readonly #statuses: StatusWriter;
  readonly #sweep: Sweep;
  readonly #address: ServiceAddress;
  readonly #admission: Admission;
  readonly #drain: Drain;
  readonly #health: Server;
  #api: FastifyInstance | undefined;

  constructor(settings: Settings, api: ApiConfig) {
    this.#settings = settings;
    const metrics = createMetrics();
    this.#metrics = metrics;
    this.#log = createLog(settings.logLevel, () => metrics.logDropped.inc());
    this.#client = new KubeClient(api);
    this.#cluster = new Cluster(this.#client, injectedBy(settings.admission), {
      listed: (kind, count) => {
        metrics.watchLists.inc({ kind });
        this.#log.info('listed', { kind, count });
      },
      failed: (kind, error, retryMs) => {
        metrics.watchFailures.inc({ kind });
        this.#log.warn('watch failed', { kind, error: error.message, retryMs: Math.round(retryMs) });
      },
      resumed: (kind) => this.#log.info('watch resumed', { kind }),
    });
    const warn = this.#log.warn;
    const book = new PolicyBook(this.#cluster, (compile) => {
      const end = metrics.compileSeconds.startTimer();
      const entry = compile();
      end();
      return entry;
    });
    const tokens = new Tokens(reviewer(this.#client), { observe: (result) => metrics.tokenReviews.inc({ result }) });
    const waiters = new Waiters();
    this.#policies = new PolicyService(this.#cluster, book, tokens, waiters);
    this.#recorder = new Recorder(this.#client, settings.podName, (reason, result) =>
      metrics.kubeEvents.inc({ reason, result }),
    );
    this.#reports = new ReportService(this.#recorder, {
      rules: ({ namespace, labels }) => book.entryFor(namespace, labels).rules,
      log: ({ namespace, name }, event) => this.#log.info('egress', { namespace, pod: name, event }),
      event: ({ action, layer, reason = '' }) =>
        metrics.reportedEvents.inc({ action, layer, reason: reason in REASONS ? reason : '' }),
      lost: (kind, count) => metrics.lostEvents.inc({ kind }, count),
      report: (result) => metrics.reports.inc({ result }),
    });
    const { namespace, podName } = settings;
    this.#leader = new Leader(this.#client, {
      namespace,
      name: LEASE,
      identity: podName,
      changed: (isLeader) => this.#log.info(isLeader ? 'leading' : 'following'),
    });
    const isLeader = () => this.#leader.isLeader;
    this.#statuses = new StatusWriter(this.#client, this.#cluster, book, {
      detectorNames: DETECTOR_NAMES,
      isLeader,
      log: warn,
      written: (result) => metrics.statusWrites.inc({ result }),
    });
    this.#sweep = new Sweep(this.#client, this.#cluster, this.#recorder, {
      action: settings.uninjectedPods,
      isLeader,
      log: warn,
      counted: (pods) => metrics.uninjectedPods.set(pods),
      evicted: (result) => metrics.evictions.inc({ result }),
    });
    watchOptOuts(this.#cluster.namespaces, this.#recorder, isLeader, (message, more) => {
      metrics.optOuts.inc();
      warn(message, more);
    });
    this.#certificates = this.#createCertificates();
    this.#secret = new AdmissionSecret(this.#client, namespace, ADMISSION_SECRET, (message, more) =>
      this.#log.info(message, more),
    );
    this.#publisher = this.#createPublisher();
    this.#secret.onChange(() => this.#publisher.keyChanged());
    this.#connections = new Connections((why) => metrics.strangers.inc({ why }));
    const prepared = new Prepared({
      namespaces: this.#cluster.namespaces,
      isWritten: (name) => this.#publisher.isWritten(name),
      bare: (name) => barePods(this.#client, this.#cluster, name),
    });
    this.#address = new ServiceAddress(this.#client, namespace, SERVICE, settings.controlPlane, warn);
    this.#admission = new Admission(
      this.#client,
      this.#cluster,
      book,
      settings.admission,
      DETECTOR_NAMES,
      prepared,
      (message, more) => this.#log.info(message, more),
    );
    this.#drain = new Drain(QUIET_MS);
    this.#health = createHealth({ notReady: () => this.#notReady(), registry: metrics.registry });
    metrics.follow({
      waiters: () => waiters.size,
      compiled: () => book.size,
      tokens: () => tokens.size,
      pods: () => this.#cluster.pods.size,
      policies: () => this.#cluster.policies.size + this.#cluster.clusterPolicies.size,
      certificateEnds: () => this.#certificates.current?.serving.notAfter,
      connections: (kind) => this.#connections.count(kind),
      unprepared: () => this.#publisher.unwritten,
      isLeader,
      isSynced: () => this.#cluster.isSynced,
    });
  }

  /** Resolves when the ports are open: the TLS one when there is a certificate. */
  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#health.once('error', reject).listen(this.#settings.healthPort, '::', resolve);
    });
    const first = new Promise<Certificates>((resolve) => this.#certificates.onChange(resolve));
    this.#certificates.onChange((certificates) => this.#take(certificates));
    this.#cluster.start();
    if (this.#certificates instanceof OwnAuthority) {
      this.#cluster.follow(this.#certificates.source, this.#certificates.store);
    }
    this.#cluster.follow(this.#secret.source, this.#secret.store);
    this.#publisher.start();
    this.#address.start();
    this.#leader.start();
    this.#certificates.start();
    const api = this.#createApi(await first);
    await api.listen({ port: this.#settings.port, host: '::' });
    this.#api = api;
    this.#log.info('serving', { port: this.#settings.port });
  }

  /** Goes on answering for `drainSeconds`, then ends. */
  async stop(signal: string): Promise<void> {
    this.#log.info('draining', { signal, seconds: this.#settings.drainSeconds });
    this.#drain.begin(performance.now());
    const drainMs = this.#settings.drainSeconds * 1000;
    const quietMs = Math.min(QUIET_MS, drainMs);
    // Another replica writes what one is enough for.
    await Promise.all([sleep(quietMs), this.#leader.stop()]);
    await this.#policies.release();
    await sleep(drainMs - quietMs);
    await this.#policies.release();
    await Promise.race([this.#api?.close(), sleep(LAST_MS)]);
    this.#health.close();
    for (const part of [this.#policies, this.#statuses, this.#sweep, this.#certificates, this.#publisher]) part.stop();
    this.#address.stop();
    this.#secret.stop();
    await Promise.race([this.#recorder.stop(), sleep(LAST_MS)]);
    this.#cluster.stop();
    this.#client.close();
    this.#log.info('ended');
    await this.#log.flush();
  }

  #notReady(): string | undefined {
    if (this.#drain.isDraining) return 'draining';
    if (!this.#cluster.isSynced) return 'the cluster is not known yet';
    if (!this.#api) return 'there is no certificate yet';
    if (!this.#secret.key) return 'what the API server is known by is not there yet';
    return this.#address.url === undefined ? 'the address of the Service is not known yet' : undefined;
  }

  #createCertificates(): CertificateSource {
    const { namespace, certificates, admission } = this.#settings;
    const log = (message: string, more?: object) => this.#log.info(message, more);
    if (certificates.mode === 'CertManager') return new MountedCertificates(certificates.directory, log);
    return new OwnAuthority(this.#client, {
      namespace,
      secretName: AUTHORITY_SECRET,
      host: admission.controlName,
      lifetimes: certificates.lifetimes,
      missing: (bundle) => this.#publisher.missing(bundle),
      log,
    });
  }

  #createPublisher(): Publisher {
    const { certificates, upstreamCa } = this.#settings;
    return new Publisher(this.#client, this.#cluster, {
      ...(upstreamCa !== undefined && { upstreamCa }),
      configuration: WEBHOOK_CONFIGURATION,
      writesBundle: certificates.mode === 'Own',
      key: () => this.#secret.key,
      log: this.#log.warn,
      written: (kind, result) => this.#metrics.published.inc({ kind, result }),
    });
  }

  #take({ serving, bundle }: Certificates): void {
    this.#log.info('certificate', { until: new Date(serving.notAfter).toISOString() });
    this.#publisher.set(bundle);
    // Open connections go on with what they have.
    const server = this.#api?.server as TlsServer | undefined;
    server?.setSecureContext({ key: serving.key, cert: serving.certificate, minVersion: 'TLSv1.3' });
  }

  #createApi({ serving }: Certificates): FastifyInstance {
    const { admissionSeconds, policyAnswers } = this.#metrics;
    return createApi({
      serving,
      drain: this.#drain,
      policies: this.#policies,
      reports: this.#reports,
      connections: this.#connections,
      key: () => this.#secret.key,
      mutate: (review) => this.#admission.mutate(review, this.#address.url),
      validate: (review) => this.#admission.validate(review, this.#address.url),
      isReady: () => this.#cluster.isSynced && this.#address.url !== undefined,
      observe: {
        admission: (webhook, result, seconds) => admissionSeconds.observe({ webhook, result }, seconds),
        policy: (status) => policyAnswers.inc({ status }),
      },
      log: this.#log.warn,
    });
  }
}
