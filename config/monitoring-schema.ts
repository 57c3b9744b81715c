import * as z from 'zod';
import { alertmanager } from './alertmanager-schema';
import { serverAddress } from './fields';
import { dnsLabel, namespaceName } from './kubernetes-names';
import { placement, pods, toleration } from './placement-schema';
import { resources, seconds, storage } from './tier-schema';

const monitoringService = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('prometheus'),
      retention: z
        .string()
        .regex(/^\d+[hdwy]$/, 'must be a number and h, d, w or y, like "15d"')
        .default('15d')
        .describe('how long samples are kept'),
      storage: storage('10Gi'),
      resources: resources('50m', '192Mi', '1', '768Mi'),
      placement,
      pods,
      readers: z
        .array(namespaceName)
        .refine((names) => new Set(names).size === names.length, { error: 'must name each namespace at most once' })
        .default([])
        .describe(
          'namespaces whose pods may reach it beside the collectors, like that of a metrics adapter or of Grafana; none of the site itself, and only trusted ones: who may read may also push',
        ),
      alertmanager: alertmanager.optional(),
    })
    .describe('Prometheus inside the cluster'),
  z
    .strictObject({
      type: z.literal('otlp'),
      endpoint: serverAddress(/^https$/).describe('base address of an OTLP receiver, https only'),
      protocol: z.enum(['http', 'grpc']).default('http').describe('how OTLP is spoken'),
      headers: z
        .array(
          z.string().regex(/^[a-z0-9-]{1,50}$/, 'must be the name of a header in lower case, like "authorization"'),
        )
        .max(10)
        .default(['authorization'])
        .describe('headers that are sent; the value of each is read from key `otlp-<name>` of the Secret'),
    })
    .describe('any OTLP endpoint; its headers are read from the Secret')
    .transform((service) => ({ ...service, port: Number(new URL(service.endpoint).port || 443) })),
  z
    .strictObject({ type: z.literal('sumologic') })
    .describe('Sumo Logic; the address of its HTTP source is read from key `sumologic-endpoint` of the Secret')
    .transform((service) => ({ ...service, port: 443 })),
]);

/** Collectors and their monitoring services. */
export const monitoring = z
  .strictObject({
    services: z
      .array(monitoringService)
      .min(1)
      .refine((services) => new Set(services.map((s) => s.type)).size === services.length, {
        error: 'must name each type at most once',
      })
      .prefault([{ type: 'prometheus' }])
      .describe('where metrics and logs go; several at once are allowed'),
    environment: dnsLabel
      .optional()
      .describe(
        'what dashboards call this environment (`deployment.environment`), like "production"; the name of the site when left out',
      ),
    intervalSeconds: seconds.min(5).max(300).default(10).describe('time between two collections'),
    collectLogs: z
      .boolean()
      .default(true)
      .describe(
        'false: no hostPath, the monitoring namespace is `restricted` too, container logs are not shipped, and there are no status classes and latencies of web servers',
      ),
    logFiles: z
      .strictObject({
        readBy: z
          .enum(['group', 'root'])
          .default('group')
          .describe(
            "who reads the nodes' log files: root's group (containerd and Docker write them with mode 0640), or `root` where only that may (CRI-O, mode 0600): collectors run as root then, without any capability",
          ),
        seLinuxType: z
          .string()
          .regex(/^[a-z][a-z0-9_]*_t$/, 'must be an SELinux type, like "container_logreader_t"')
          .optional()
          .describe('SELinux type of the collectors where SELinux enforces, like container_logreader_t'),
      })
      .prefault({})
      .describe('what it takes to read container logs; only with collectLogs'),
    prometheusRule: z
      .boolean()
      .default(false)
      .describe('true: the alerts also as a PrometheusRule, for a Prometheus operator that runs in the cluster'),
    dashboards: z
      .boolean()
      .optional()
      .describe(
        'whether dashboards for Grafana are part of the manifests; when left out, where Prometheus is a monitoring service',
      ),
    resources: resources('50m', '96Mi', '500m', '256Mi'),
    pods,
    tolerations: z
      .array(toleration)
      .prefault([{ operator: 'Exists', effect: 'NoSchedule' }])
      .describe('taints the collectors accept; by default they run on every node'),
  })
  .prefault({});
