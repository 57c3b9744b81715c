import * as z from 'zod';
import { imageReference, quantity, storageQuantity } from './fields';
import { objectName } from './kubernetes-names';

/** Requests and limits of a container, with Kubernetes' names. */
const resourceList = z.strictObject({
  cpu: quantity.describe('CPU, in cores ("0.5") or thousandths ("500m")'),
  memory: storageQuantity.describe('memory ("128Mi")'),
  'ephemeral-storage': storageQuantity.default('64Mi').describe('space for logs and emptyDirs ("64Mi")'),
});

/**
 * `requests` are reserved by the scheduler, `limits` enforced by the kernel.
 * @param storageLimit ephemeral storage of a container whose limits leave it out. @default - 256Mi where no limit is given, else 64Mi
 */
export const resources = (
  cpu: string,
  memory: string,
  cpuLimit: string,
  memoryLimit: string,
  storageLimit?: string,
) => {
  const limits = storageLimit
    ? resourceList.extend({ 'ephemeral-storage': resourceList.shape['ephemeral-storage'].default(storageLimit) })
    : resourceList;
  return z
    .strictObject({
      requests: resourceList.prefault({ cpu, memory }),
      limits: limits.prefault({ cpu: cpuLimit, memory: memoryLimit, 'ephemeral-storage': storageLimit ?? '256Mi' }),
    })
    .prefault({})
    .describe('what each container of the tier is promised (requests) and may use at most (limits)');
};

/** Number of pods of a tier. */
export const replicas = (least: number, most: number, usual: number) =>
  z.number().int().min(least).max(most).default(usual).describe(`number of pods, ${least} to ${most}`);

/** HorizontalPodAutoscaler of a tier. */
export const autoscaling = (least: number, most: number) =>
  z
    .strictObject({
      minReplicas: replicas(least, most, 2),
      maxReplicas: replicas(least, most, 10),
      cpuPercent: z
        .number()
        .int()
        .min(10)
        .max(2000)
        .default(80)
        .describe('CPU use that is aimed at, in percent of requests.cpu; above 100 where limits.cpu leaves room'),
      requestsPerSecond: z
        .number()
        .int()
        .min(1)
        .max(100_000)
        .optional()
        .describe(
          'requests per second and pod that are aimed at as well, where a metrics adapter serves `requests_per_second` of pods',
        ),
    })
    .refine(({ minReplicas, maxReplicas }) => minReplicas <= maxReplicas, {
      path: ['maxReplicas'],
      error: 'must be at least minReplicas',
    })
    .optional()
    .describe('lets the number of pods follow the CPU use; `replicas` is without effect then');

/** A short-lived cache of responses without visitor data. */
export const microCache = z
  .strictObject({
    seconds: z
      .number()
      .int()
      .min(1)
      .max(60)
      .default(1)
      .describe('how long an answer is kept that says nothing about it; Cache-Control of an answer wins'),
    size: storageQuantity.default('16Mi').describe('memory of it in each web server; part of resources.limits.memory'),
  })
  .optional()
  .describe(
    'keeps answers to GETs without Cookie and Authorization for a moment; left out: every request goes to an app server',
  );

/** Source of the code volume. */
export const code = z
  .discriminatedUnion('source', [
    z.strictObject({ source: z.literal('bundle') }).describe('the sample site of site/, bundled into a ConfigMap'),
    z
      .strictObject({
        source: z.literal('claim'),
        claimName: objectName.describe('PersistentVolumeClaim in the site namespace that holds server.mjs and static/'),
      })
      .describe('an existing PersistentVolumeClaim, ReadWriteMany or ReadOnlyMany where pods run on several nodes'),
    z
      .strictObject({
        source: z.literal('image'),
        image: imageReference.describe('OCI image whose root holds server.mjs and static/'),
      })
      .describe('an OCI image, mounted as a read-only volume (Kubernetes 1.33 or newer)'),
  ])
  .prefault({ source: 'bundle' })
  .describe('where the code volume of app and web servers comes from');

/** The persistent volume of each pod of a tier. */
export const storage = (size: string) =>
  z
    .strictObject({
      size: storageQuantity.default(size).describe('size of each volume; may grow, never shrink'),
      storageClassName: objectName.optional().describe("name of a StorageClass; the cluster's default when left out"),
    })
    .prefault({})
    .describe('the persistent volume of each pod');

/** Whole seconds, at least one. */
export const seconds = z.number().int().min(1);
