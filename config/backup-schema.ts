import { z } from 'zod';
import { cidr, storageQuantity } from './fields';
import { placement, pods } from './placement-schema';
import { resources, storage } from './tier-schema';

const store = z.discriminatedUnion('type', [
  z
    .strictObject({ type: z.literal('claim'), storage: storage('10Gi') })
    .describe('a PersistentVolumeClaim of its own: shares the fate of the cluster that it backs up'),
  z
    .strictObject({
      type: z.literal('s3'),
      endpoint: z
        .url({ protocol: /^https?$/ })
        .describe('base address of the S3-compatible store, without the bucket; https unless allowPlainHttp'),
      bucket: z
        .string()
        .regex(/^[a-z0-9][-.a-z0-9]{1,61}[a-z0-9]$/, 'must be the name of a bucket, like "site-backups"')
        .describe('bucket, which must exist'),
      prefix: z
        .string()
        .regex(/^([-_.A-Za-z0-9]+\/)*$/, 'must be empty or end with "/", like "foobar/"')
        .default('')
        .describe('what the names of all objects begin with'),
      region: z.string().default('us-east-1').describe('region that requests are signed for'),
      addresses: cidr
        .optional()
        .describe(
          'range of its addresses where it is not on the internet; pods of the cluster are in none, they need a NetworkPolicy of yours',
        ),
      allowPlainHttp: z.boolean().default(false).describe('accept an endpoint without TLS; for trials'),
    })
    .describe(
      'an S3-compatible store; keys `access-key-id` and `secret-access-key` of the Secret open it, `ca.crt` there is its authority where that is a private one',
    )
    .transform((s) => ({
      ...s,
      port: Number(new URL(s.endpoint).port || (s.endpoint.startsWith('https:') ? 443 : 80)),
    })),
]);

/** Five fields of numbers, ranges, lists and steps. @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax */
const schedule = (usual: string) =>
  z
    .string()
    .regex(/^([-*,/0-9]+ ){4}[-*,/0-9]+$/, 'must be a schedule of five fields, like "17 2 * * *"')
    .default(usual)
    .describe('schedule in the words of cron, in UTC');

/** Backups, and the drill that proves them. */
export const backup = z
  .strictObject({
    store: store.describe('where backups lie'),
    schedule: schedule('17 2 * * *').describe('when a full backup is made (cron, UTC)'),
    drillSchedule: schedule('17 4 * * *').describe('when the newest backup is restored to prove it (cron, UTC)'),
    binlogIntervalMinutes: z
      .number()
      .int()
      .min(1)
      .max(4)
      .default(2)
      .describe(
        'time between two shipments of binary logs: what a lost cluster loses at most, and a run of some seconds',
      ),
    retentionDays: z
      .number()
      .int()
      .min(1)
      .max(3650)
      .default(14)
      .describe('how far back a restore can go; the newest backup is kept however old it is'),
    scratchSize: storageQuantity
      .default('10Gi')
      .describe('space on a node for drill and restore: the data, and the binary logs since a day before the backup'),
    resources: resources('20m', '64Mi', '1', '256Mi').describe('of each container that dumps, packs, ships or fetches'),
    scratchResources: resources('50m', '384Mi', '1', '1Gi').describe('of the scratch server of drill and restore'),
    placement,
    pods,
  })
  .optional()
  .describe('backups of the databases; none are made when left out');
