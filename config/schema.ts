import * as z from 'zod';
import { app } from './app-schema';
import { backup } from './backup-schema';
import { COLLATIONS } from './collations';
import { databaseName, databaseSettings } from './database-settings';
import { cdn, proxyProtocol, service } from './edge-schema';
import { siteName } from './fields';
import { images } from './images';
import { dnsLabel, objectName } from './kubernetes-names';
import { monitoring } from './monitoring-schema';
import { MONITORING } from './namespaces';
import { cluster, firewall, limits } from './network-schema';
import { placement, pods } from './placement-schema';
import { secrets } from './secrets-schema';
import { autoscaling, microCache, replicas, resources, seconds, storage } from './tier-schema';
import { tls } from './tls-schema';

/** One environment: everything that may differ between two deployments of the whiteboard. */
export const configSchema = z.strictObject({
  $schema: z.string().optional().describe('for editors'),
  name: dnsLabel
    .max(40)
    .refine((name) => !name.endsWith(MONITORING), {
      error: `must not end with "${MONITORING}", as the second namespace of another site does`,
    })
    .default('foobar')
    .describe(`name of the site: the namespace of its tiers; \`<name>${MONITORING}\` is that of its monitoring`),
  domain: siteName.describe('host name that visitors use'),
  aliases: z
    .array(siteName)
    .default([])
    .describe(
      'further host names, like the domain without www; the certificate names them all, web.aliases says what they get',
    ),
  imagePullPolicy: z
    .enum(['Always', 'IfNotPresent', 'Never'])
    .default('IfNotPresent')
    .describe('when images are pulled'),
  imagePullSecrets: z
    .array(objectName)
    .refine((names) => new Set(names).size === names.length, 'must name each once')
    .default([])
    .describe('Secrets of type kubernetes.io/dockerconfigjson, in both namespaces, that a private registry asks for'),
  images,
  // load balancers and web servers handle every request, so they need more CPU on a busy node:
  // docs/measurements/bench.md
  loadBalancer: z
    .strictObject({
      replicas: replicas(1, 20, 2),
      resources: resources('100m', '64Mi', '1', '256Mi'),
      placement,
      pods,
      service,
      proxyProtocol,
      cdn,
    })
    .prefault({}),
  web: z
    .strictObject({
      replicas: replicas(2, 50, 2),
      autoscaling: autoscaling(2, 50),
      resources: resources('100m', '48Mi', '1', '192Mi', '2Gi'),
      placement,
      pods,
      microCache,
      aliases: z
        .enum(['redirect', 'serve'])
        .default('redirect')
        .describe('what visitors of `aliases` get: 308 to the domain, or the site itself'),
      unknownHosts: z
        .enum(['serve', 'redirect', 'refuse'])
        .default('serve')
        .describe(
          'what visitors get who ask for a name that is neither domain nor alias: the site, 308 to the domain, or 421',
        ),
      contentSecurityPolicy: z
        .string()
        .regex(
          /^[^"$\\\s][^"$\\\r\n]*$/,
          'must be `app`, `strict`, or the text of a policy without double quotes, "$" and backslashes',
        )
        .refine((text) => ['app', 'strict'].includes(text) || /^(sandbox|[a-z]+(-[a-z]+)+)( |;|$)/i.test(text), {
          error: 'must be `app`, `strict`, or a text that begins with a directive, like "default-src \'self\'"',
        })
        .optional()
        .describe(
          "what pages may load: `app` (what the app's answers say), `strict` (nothing from elsewhere), or the text of a policy; `strict` for the sample site and `app` for an image when left out",
        ),
      frameOptions: z
        .enum(['app', 'DENY', 'SAMEORIGIN'])
        .default('app')
        .describe("X-Frame-Options of every answer; `app`: what the app's answers say"),
    })
    .prefault({}),
  app,
  database: z
    .strictObject({
      topology: z
        .enum(['primary-replica', 'group'])
        .default('primary-replica')
        .describe(
          'one fixed primary with read replicas, or a group of members that elects its primary; cannot be changed later',
        ),
      replicas: z
        .number()
        .int()
        .min(1)
        .max(8)
        .optional()
        .describe('primary-replica: read replicas beside the one primary, 1 to 8; 1 when left out'),
      whenReplicaIsLost: z
        .enum(['block', 'continue'])
        .optional()
        .describe(
          'primary-replica: whether commits wait while no replica confirms them (`block`, when left out), or continue after a second with only the primary holding them (`continue`)',
        ),
      members: z
        .literal([3, 5, 7, 9])
        .optional()
        .describe('group: servers, 3, 5, 7 or 9 (an even number tolerates no more losses); 3 when left out'),
      mode: z
        .enum(['single-primary', 'multi-primary'])
        .optional()
        .describe('group: one member takes writes (when left out), or all do'),
      name: databaseName,
      collation: z
        .enum(COLLATIONS)
        .default('utf8mb4_0900_ai_ci')
        .describe(
          'how text is sorted and compared where a table says nothing about it; of a running site, in new schemas',
        ),
      settings: databaseSettings,
      resources: resources('100m', '512Mi', '2', '1Gi'),
      router: z
        .strictObject({ resources: resources('10m', '16Mi', '1', '96Mi') })
        .prefault({})
        .describe('the router in each database pod'),
      placement,
      pods,
      storage: storage('10Gi'),
      terminationGracePeriodSeconds: seconds.min(120).max(3600).default(120).describe('time for a clean shutdown'),
    })
    .prefault({}),
  limits,
  tls,
  secrets,
  backup,
  monitoring,
  firewall,
  cluster,
});

/** A validated environment with every default filled in. */
export type Config = Readonly<z.output<typeof configSchema>>;

/** The persistent volume of each pod of a tier. */
export type Storage = Config['database']['storage'];

/** Requests and limits of a container. */
export type Resources = Config['web']['resources'];

/** Which nodes a tier's pods may run on. */
export type Placement = Config['web']['placement'];

/** Additional labels and annotations of a tier's pods. */
export type PodSettings = Config['web']['pods'];
