import { App } from 'cdk8s';
import { FirewallChart } from '../../charts/firewall';
import { Namespaces } from '../../charts/namespaces';
import type { Config } from '../../config';
import type { Manifest } from '../../reachability/manifest';
import { configOf } from './configs';

/** An environment with every kind of rule at once. */
export const everySetting = {
  name: 'an environment with every setting',
  config: configOf({
    name: 'shop',
    web: { microCache: {}, autoscaling: { requestsPerSecond: 200 } },
    secrets: { provider: 'external-secrets', externalSecrets: { store: { name: 'vault' } } },
    app: { autoscaling: { minReplicas: 1 } },
    tls: { reencrypt: 'app', certificate: { source: 'cert-manager', issuer: { name: 'own', kind: 'ClusterIssuer' } } },
    monitoring: {
      services: [
        {
          type: 'prometheus',
          readers: ['custom-metrics', 'grafana'],
          alertmanager: {
            receivers: [
              { type: 'slack' },
              { type: 'webhook', to: { namespace: 'on-call', podLabels: { app: 'receiver' } }, port: 8080 },
              {
                type: 'email',
                to: '198.18.0.0/24',
                smarthost: 'mail.example.org:587',
                from: 'site@example.org',
                recipients: ['ops@example.org'],
              },
            ],
          },
        },
        { type: 'sumologic' },
        { type: 'otlp', endpoint: 'https://otlp.example.org:4318' },
      ],
      prometheusRule: true,
    },
    firewall: {
      extraEgress: [
        { from: 'app', to: '203.0.113.0/28', ports: [443, 8443], reason: 'payment provider' },
        { from: 'database', to: '10.20.0.0/16', ports: [3306], reason: 'a replica in another place' },
        {
          from: 'app',
          to: { namespace: 'caches', podLabels: { app: 'redis', 'example.org/set': 'one' } },
          ports: [6379],
          reason: 'sessions of the shop',
        },
        { from: 'web', to: { namespace: 'search' }, ports: [9200, 9300], reason: 'search in the shop' },
        { from: 'load-balancer', to: 'internet', ports: [443], reason: 'a partner anywhere' },
      ],
      extraIngress: [
        { from: { namespace: 'partners', podLabels: { app: 'importer' } }, to: 'app', reason: 'imports of orders' },
        { from: { namespace: 'edge' }, to: 'load-balancer', reason: 'the ingress of the company' },
        { from: { namespace: 'edge', podLabels: { app: 'proxy' } }, to: 'web', reason: 'a proxy of the company' },
      ],
    },
    cluster: {
      admissionPolicies: true,
      podCidrs: ['10.244.0.0/16', '30.0.0.0/16'],
      nodeCidrs: ['10.0.0.0/8', '198.51.100.0/24'],
      dns: {
        podLabels: { 'k8s-app': 'kube-dns', tier: 'dns' },
        port: 5353,
        addresses: ['169.254.20.10', '169.254.169.254', '10.96.0.10'],
      },
    },
  }),
};

/** An app image with every setting that an app may have. */
export const ownApp = {
  name: 'an environment with an app of its own',
  config: configOf({
    name: 'shop',
    app: {
      image: 'registry.example/shop:1.4.2',
      args: ['serve'],
      port: 3000,
      health: { ready: '/up', live: '/alive', port: 3001 },
      user: 1000,
      env: {
        DATABASE_URL:
          'mysql2://$(DATABASE_USER):$(DATABASE_PASSWORD)@$(DATABASE_PRIMARY_HOST):$(DATABASE_PORT)/$(DATABASE_NAME)',
        SECRET_KEY: { secret: 'random' },
        LICENCE_KEY: { secret: 'supplied' },
        SMTP_PASSWORD: { secret: 'mail', key: 'password' },
      },
      files: { '/app/config.yml': './config.yml', '/app/database.yml': { file: './database.yml', expand: true } },
      writable: ['/tmp', { path: '/app/cache', size: '256Mi', seed: true }],
      volumes: { uploads: { path: '/app/uploads', size: '20Gi', accessMode: 'ReadWriteMany', url: '/uploads/' } },
      static: { '/assets/': '/app/public/assets' },
      keep: ['registry.example/shop:1.4.1'],
      release: [['bin/migrate'], ['bin/seed', '--once']],
      workers: { jobs: { command: ['bin/jobs'], replicas: 2 }, mails: { args: ['mails'] } },
      schedule: { nightly: { command: ['bin/nightly'], cron: '17 3 * * mon-fri', timeZone: 'Europe/Berlin' } },
      peers: [7800, 7801],
      metrics: { port: 9464 },
    },
    firewall: {
      extraEgress: [{ from: 'worker', to: '203.0.113.0/28', ports: [587], reason: 'mail to customers' }],
    },
    backup: { store: { type: 's3', endpoint: 'https://s3.example.org', bucket: 'shop-backups' } },
  }),
};

/** Rules that only Cilium has: host names and entities. */
export const hostNames = {
  name: 'an environment with host names',
  config: configOf({
    firewall: {
      extraEgress: [
        { from: 'app', to: 'api.example.org', ports: [443], reason: 'payment provider' },
        { from: 'app', to: 'mail.example.org', ports: [465, 587], reason: 'mail to customers' },
        { from: 'web', to: '203.0.113.0/28', ports: [443], reason: 'another site' },
      ],
    },
    monitoring: {
      services: [
        {
          type: 'prometheus',
          alertmanager: { receivers: [{ type: 'webhook', to: 'hooks.example.org', severities: ['page'] }] },
        },
      ],
    },
    cluster: { networkPolicies: 'cilium' },
  }),
};

/** Namespaces and the three firewalls alone. */
export function synthesizeFirewalls(config: Config): Manifest[] {
  const app = new App();
  new Namespaces(app, config);
  for (const firewall of ['internal', 'web', 'database'] as const) new FirewallChart(app, firewall, config);
  return app.charts.flatMap((chart) => chart.toJson() as Manifest[]);
}
