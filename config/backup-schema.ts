import * as z from 'zod';
import { cron } from './cron';
import { cidr, domainName, serverAddress, storageQuantity } from './fields';
import { objectName } from './kubernetes-names';
import { placement, pods } from './placement-schema';
import { resources, storage } from './tier-schema';

const addresses = cidr
  .optional()
  .describe(
    'range of its addresses where it is not on the internet; pods of the cluster are in none, they need a NetworkPolicy of yours',
  );

/** Name of a variable of restic's environment. */
const variable = z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'must be the name of a variable, like "AZURE_ACCOUNT_KEY"');

const store = z.discriminatedUnion('type', [
  z
    .strictObject({ type: z.literal('claim'), storage: storage('10Gi') })
    .describe('a PersistentVolumeClaim of its own: shares the fate of the cluster that it backs up'),
  z
    .strictObject({
      type: z.literal('s3'),
      endpoint: serverAddress(/^https?$/).describe(
        'base address of the S3-compatible store, without the bucket; https unless allowPlainHttp',
      ),
      bucket: z
        .string()
        .regex(/^[a-z0-9][-.a-z0-9]{1,61}[a-z0-9]$/, 'must be the name of a bucket, like "site-backups"')
        .describe('bucket, which must exist'),
      prefix: z
        .string()
        .regex(/^([-_.A-Za-z0-9]+\/)*$/, 'must be empty or end with "/", like "foobar/"')
        .default('')
        .describe('what the names of all objects begin with'),
      region: z
        .string()
        .regex(/^[A-Za-z0-9-]+$/, 'must be the name of a region, like "eu-central-1"')
        .default('us-east-1')
        .describe('region that requests are signed for'),
      addresses,
      allowPlainHttp: z.boolean().default(false).describe('accept an endpoint without TLS; for trials'),
    })
    .describe(
      'an S3-compatible store; keys `access-key-id` and `secret-access-key` of the Secret open it, `ca.crt` there is its CA where that is a private one',
    )
    .transform((s) => ({
      ...s,
      port: Number(new URL(s.endpoint).port || (s.endpoint.startsWith('https:') ? 443 : 80)),
    })),
  z
    .strictObject({
      type: z.literal('sftp'),
      host: domainName.describe('host name or address of the SSH server'),
      port: z.number().int().min(1).max(65535).default(22),
      user: z.string().regex(/^[a-z_][-a-z0-9_]*$/, 'must be the name of a user, like "backup"'),
      path: z
        .string()
        .regex(/^\/([-_.A-Za-z0-9]+\/)*[-_.A-Za-z0-9]+$/, 'must be an absolute path, like "/srv/backups"')
        .describe('folder, made when it is not there'),
      addresses,
    })
    .describe('a folder of an SSH server; keys `ssh-key` and `known-hosts` of the Secret open it'),
  z
    .strictObject({
      type: z.literal('restic'),
      repository: z
        .string()
        .regex(/^(gs|azure|b2|swift|rest|s3):\S+\/$/, {
          error: 'must be an address that restic knows and end with "/", like "gs:site-backups:/foobar/"',
          abort: true,
        })
        .refine((text) => !/\/\/[^/]*@/.test(text), {
          error: 'must have no user and password: name RESTIC_REST_USERNAME and RESTIC_REST_PASSWORD in secretKeys',
        })
        .describe("address in restic's words, to which `data` and `logs` are added"),
      environment: z
        .record(variable, z.string().regex(/^\S*$/))
        .default({})
        .describe('variables for restic that are no secret'),
      secretKeys: z
        .array(variable)
        .default([])
        .describe('variables for restic whose values are keys of the Secret, of the same names'),
      secretFiles: z
        .array(variable)
        .default([])
        .describe('variables for restic that name files: keys of the Secret, of the same names'),
      port: z.number().int().min(1).max(65535).default(443).describe('port of the store'),
      addresses,
    })
    .describe('any other store that restic reaches: Google Cloud Storage, Azure, a REST server'),
]);

/** Backups, and the drill that proves them. */
export const backup = z
  .strictObject({
    store: store.describe('where backups lie'),
    schedule: cron.default('17 2 * * *').describe('when a full backup is made (cron, UTC)'),
    drillSchedule: cron.default('17 4 * * *').describe('when the newest backup is restored to prove it (cron, UTC)'),
    volumesSchedule: cron.default('7 * * * *').describe("when the app's volumes are backed up (cron, UTC)"),
    binlogIntervalSeconds: z
      .number()
      .int()
      .min(1)
      .max(20)
      .default(10)
      .describe(
        'seconds from the beginning of one shipment of binary logs to that of the next; with the seconds that one takes, what a lost cluster loses at most',
      ),
    retentionDays: z
      .number()
      .int()
      .min(1)
      .max(3650)
      .default(14)
      .describe('how far back a restore can go; the newest backup is kept however old it is'),
    appendOnly: z
      .boolean()
      .default(false)
      .describe('the store removes nothing on request; its owner removes old backups'),
    scratchSize: storageQuantity
      .default('10Gi')
      .describe('space for a copy of the databases, and for the binary logs since a day before a backup'),
    scratchStorageClassName: objectName
      .optional()
      .describe('class of a volume that is that space while a job runs; on the node when left out'),
    resources: resources('20m', '32Mi', '1', '512Mi').describe(
      'of each container that stores, fetches, streams or sums',
    ),
    scratchResources: resources('50m', '384Mi', '1', '1Gi').describe(
      'of the scratch server of backup, drill and restore',
    ),
    placement,
    pods,
  })
  .optional()
  .describe("backups of the databases and of the app's volumes; none are made when left out");
