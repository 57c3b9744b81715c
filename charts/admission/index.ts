import type { Construct } from 'constructs';
import { namespacesOf } from '../../config/namespaces';
import type { Config } from '../../config/schema';
import * as k8s from '../../imports/k8s';
import { ThreewallChart } from '../chart';
import { places } from '../monitoring/collector/places';
import { namespaceOf, ownerLabels, selectorOf } from '../names';
import { type TierName, tiersOf } from '../topology';

/** Lists of a pod that hold containers; the last is what `kubectl debug` adds. */
const LISTS = ['containers', 'initContainers', 'ephemeralContainers'].map((list) => `object.spec.${list}`);

/**
 * Refuses pods in the site's namespaces that are none of the site's: by what they may do, by their images and by their
 * labels. It also holds where Pod Security cannot be `restricted`, because the collector reads the node's logs.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export class AdmissionChart extends ThreewallChart {
  constructor(scope: Construct, config: Config) {
    super(scope, '20', 'admission', config.name);
    // cluster-wide, so it is named after the site
    const metadata = { name: `${config.name}-pods`, labels: ownerLabels(config) };
    new k8s.KubeValidatingAdmissionPolicy(this, 'policy', {
      metadata,
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          matchPolicy: 'Equivalent',
          resourceRules: [
            {
              apiGroups: [''],
              apiVersions: ['v1'],
              operations: ['CREATE', 'UPDATE'],
              resources: ['pods', 'pods/ephemeralcontainers'],
              scope: 'Namespaced',
            },
          ],
        },
        // of a pod that was there before, labels and finalizers may change
        matchConditions: [
          {
            name: 'new-or-other-containers',
            expression: "request.operation == 'CREATE' || object.spec != oldObject.spec",
          },
        ],
        validations: [
          {
            expression: every(UNPRIVILEGED),
            message: 'no container may be privileged, gain privileges or add a capability',
          },
          {
            expression: ['hostNetwork', 'hostPID', 'hostIPC']
              .map((field) => `!(has(object.spec.${field}) && object.spec.${field})`)
              .join(' && '),
            message: "no pod may use the node's network or processes",
          },
          {
            expression: `!has(object.spec.volumes) || object.spec.volumes.all(v, !has(v.hostPath) || v.hostPath.path in ${list(hostPaths(config))})`,
            message: `no pod may mount a folder of the node${config.monitoring.collectLogs ? ` but ${places.podLogs}` : ''}`,
          },
          {
            expression: every(
              `${list(repositories(config))}.exists(r, c.image == r || c.image.startsWith(r + ':') || c.image.startsWith(r + '@'))`,
            ),
            message: `images must come from ${repositories(config).join(', ')}`,
          },
          {
            expression: `has(object.metadata.labels) && ${Object.entries(ownerLabels(config))
              .map(([key, value]) => `${label(key)} == '${value}'`)
              .join(
                ' && ',
              )} && request.namespace + ' ' + ${label('app.kubernetes.io/instance')} + ' ' + ${label('app.kubernetes.io/component')} in ${list(tiersOf(config).map((tier) => placeOf(tier, config)))}`,
            message: `pods must bear the labels of a tier of ${config.name}, in its namespace`,
          },
        ],
      },
    });
    new k8s.KubeValidatingAdmissionPolicyBinding(this, 'binding', {
      metadata,
      spec: {
        policyName: metadata.name,
        validationActions: ['Deny'],
        matchResources: {
          matchPolicy: 'Equivalent',
          namespaceSelector: {
            matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: namespacesOf(config) }],
          },
        },
      },
    });
  }
}

const UNPRIVILEGED =
  'has(c.securityContext) && has(c.securityContext.allowPrivilegeEscalation) && !c.securityContext.allowPrivilegeEscalation && !(has(c.securityContext.privileged) && c.securityContext.privileged) && !(has(c.securityContext.capabilities) && has(c.securityContext.capabilities.add) && c.securityContext.capabilities.add.size() > 0)';

/** A condition on every container `c`, whichever list it is in. */
const every = (condition: string): string =>
  LISTS.map((of) => `(!has(${of}) || ${of}.all(c, ${condition}))`).join(' && ');

const list = (texts: readonly string[]): string => `[${texts.map((text) => `'${text}'`).join(', ')}]`;

/** A label's value, empty where there is none. */
const label = (key: string): string => `('${key}' in object.metadata.labels ? object.metadata.labels['${key}'] : '')`;

/** Namespace, instance and component of a tier's pods. */
function placeOf(tier: TierName, config: Config): string {
  const selector = selectorOf(tier, config);
  return [
    namespaceOf(tier, config),
    selector['app.kubernetes.io/instance'],
    selector['app.kubernetes.io/component'],
  ].join(' ');
}

const hostPaths = ({ monitoring }: Config): string[] => (monitoring.collectLogs ? [places.podLogs] : []);

/** Every image that the manifests may name, without tag and digest. */
function repositories({ images, app }: Config): string[] {
  const all = [
    ...Object.values(images),
    ...(app.image ? [app.image] : []),
    ...(app.code.source === 'image' ? [app.code.image] : []),
  ];
  return [...new Set(all.map((image) => image.replace(/@.*$/, '').replace(/:[^:/]*$/, '')))].sort();
}
