import * as z from 'zod';
import { annotations, labelKey, labels, labelValue, objectName } from './kubernetes-names';

/** A taint of nodes that is accepted, in Kubernetes' words. */
export const toleration = z
  .strictObject({
    key: labelKey.optional().describe('key of the taint; every taint when left out, with operator Exists'),
    operator: z.enum(['Equal', 'Exists']).default('Equal'),
    value: labelValue.optional().describe('value of the taint; none with operator Exists'),
    effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional().describe('every effect when left out'),
  })
  .refine(({ key, operator }) => key !== undefined || operator === 'Exists', {
    path: ['operator'],
    error: 'must be Exists where key is left out',
  })
  .refine(({ operator, value }) => operator === 'Equal' || !value, {
    path: ['value'],
    error: 'must be left out with operator Exists',
  });

const nodeExpression = z.strictObject({
  key: labelKey.describe('key of a label of nodes'),
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']).describe("Kubernetes' word"),
  values: z
    .array(labelValue)
    .default([])
    .describe('values of the label: some for In and NotIn, none for Exists and DoesNotExist, one number for Gt and Lt'),
});

/** What Kubernetes wants of the values of each operator. */
const VALUES: Readonly<Record<string, readonly [fits: (values: readonly string[]) => boolean, wanted: string]>> = {
  In: [(values) => values.length > 0, 'at least one value'],
  NotIn: [(values) => values.length > 0, 'at least one value'],
  Exists: [(values) => values.length === 0, 'no value'],
  DoesNotExist: [(values) => values.length === 0, 'no value'],
  Gt: [(values) => values.length === 1 && /^\d+$/.test(values[0] ?? ''), 'one whole number in quotes'],
  Lt: [(values) => values.length === 1 && /^\d+$/.test(values[0] ?? ''), 'one whole number in quotes'],
};

/** @see https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#operators */
const withValues = <T extends typeof nodeExpression>(expression: T) =>
  expression.superRefine(({ operator, values }, context) => {
    const [fits, wanted] = VALUES[operator] ?? [];
    if (!fits || fits(values)) return;
    context.addIssue({
      code: 'custom',
      path: ['values'],
      input: values,
      message: `must be ${wanted} with ${operator}`,
    });
  });

/** Which nodes the pods of a tier may run on. */
export const placement = z
  .strictObject({
    nodeSelector: labels.default({}).describe('labels a node must bear'),
    tolerations: z.array(toleration).default([]).describe('taints of nodes that are accepted'),
    nodes: z
      .strictObject({
        required: z.array(withValues(nodeExpression)).default([]).describe('what must be true of a node, all of it'),
        preferred: z
          .array(
            withValues(
              nodeExpression.extend({ weight: z.number().int().min(1).max(100).default(100).describe('1 to 100') }),
            ),
          )
          .default([])
          .describe('what makes a node the better one'),
      })
      .prefault({})
      .describe('node affinity: what nodeSelector cannot say'),
  })
  .prefault({})
  .describe('which nodes the pods of the tier may run on');

/** What the pods of a tier bear beside their own. */
export const pods = z
  .strictObject({
    labels: labels
      .refine((all) => Object.keys(all).every((key) => !key.startsWith('app.kubernetes.io/')), {
        error: 'must not have labels of app.kubernetes.io/, by which firewalls and Services know the tiers',
      })
      .default({})
      .describe('further labels'),
    annotations: annotations.describe('further annotations, values in quotes'),
    priorityClassName: objectName.optional().describe('a PriorityClass of the cluster, which `up` looks for'),
  })
  .prefault({})
  .describe('what the pods of the tier bear beside their own');
