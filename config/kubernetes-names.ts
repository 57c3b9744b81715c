import * as z from 'zod';

/*
 * What Kubernetes takes as a name: what passes here, the API server takes too. A name of an object that is made
 * elsewhere (Secret, StorageClass, namespace) has the whole form that Kubernetes allows, not only ours.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */

const LABEL = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const WORD = '[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';
const QUALIFIED = new RegExp(`^(?=[^/]{0,253}/|[^/]*$)(${SUBDOMAIN}/)?${WORD}$`);

/** A name that the site gives to its own objects; namespaces and Services among them, which must begin with a letter. */
export const dnsLabel = z
  .string()
  .regex(
    /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
    'must be lower case letters, digits and "-", starting with a letter (max 63)',
  );

/** Name of a foreign namespace. */
export const namespaceName = z
  .string()
  .regex(new RegExp(`^${LABEL}$`), 'must be the name of a namespace: lower case letters, digits and "-" (max 63)');

/** Name of a foreign object, such as a Secret or a StorageClass. */
export const objectName = z
  .string()
  .max(253)
  .regex(
    new RegExp(`^${SUBDOMAIN}$`),
    'must be the name of an object: lower case letters, digits, "-" and ".", like "site-tls"',
  );

/** Name of a class in the form of a label's key. */
export const className = z.string().regex(QUALIFIED, 'must be the name of a class, like "service.k8s.aws/nlb"');

/** Key of a label. */
export const labelKey = z.string().regex(QUALIFIED, 'must be the key of a label, like "k8s-app" or "example.org/team"');

/** Value of a label. */
export const labelValue = z
  .string()
  .regex(new RegExp(`^(${WORD})?$`), 'must be the value of a label: letters, digits, "-", "_" and "." (max 63)');

/** Labels by key. @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ */
export const labels = z.record(labelKey, labelValue);

/** Annotations by key; their values are text. */
export const annotations = z
  .record(z.string().regex(QUALIFIED, 'must be the key of an annotation, like "example.org/team"'), z.string())
  .default({});

/** Pods of a namespace that is none of the site's. */
export const otherPods = z.strictObject({
  namespace: namespaceName.describe("their namespace, none of the site's"),
  podLabels: labels.default({}).describe('labels that they bear; every pod of the namespace when left out'),
});
