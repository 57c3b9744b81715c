/** A rule that one object may break. */
export interface Exception {
  /** Title of the rule. */
  readonly rule: string;
  /** The accepted fault; other faults of the object still fail. */
  readonly fault: RegExp;
  /** Why there is no other way. */
  readonly reason: string;
}

/** All exceptions. An unused one fails the tests. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    rule: 'pods hold no token of the Kubernetes API',
    fault: /^DaemonSet \S+-monitoring\/collector: mounts a token$/,
    reason: 'finds the pods on its node and asks the kubelet for metrics, as an account that may do nothing else',
  },
  {
    rule: 'volumes are of the kinds that Pod Security restricted accepts',
    fault: /^DaemonSet \S+-monitoring\/collector: volume pod-logs is a hostPath$/,
    reason: 'container logs are files of the node; with collectLogs false there is no such volume',
  },
  {
    rule: 'pods belong to no group of root',
    fault: /^DaemonSet \S+-monitoring\/collector: supplementalGroups 0$/,
    reason: 'the log files of the node are readable to the group of root alone; the mount is read-only',
  },
  {
    rule: 'a StatefulSet has its headless Service',
    fault: /^StatefulSet \S+-monitoring\/monitoring-service: no headless Service monitoring-service$/,
    reason: 'one pod, found by the address of its Service: the pod itself is never looked up',
  },
  {
    rule: 'files are immutable and named after their content',
    fault: /^ConfigMap \S+-monitoring\/dashboard-[a-z-]+: may change$/,
    reason: 'no pod mounts it; the sidecar of Grafana would delete the new file with the old ConfigMap',
  },
  {
    rule: 'nothing lies about: every file, account and role is used',
    fault: /^ConfigMap \S+-monitoring\/dashboard-[a-z-]+: no pod uses it$/,
    reason: 'Grafana, which is not part of the site, reads it by its label',
  },
];

/** The exception that accepts a fault of a rule, undefined where none does. */
export const excepted = (rule: string, fault: string): Exception | undefined =>
  EXCEPTIONS.find((exception) => exception.rule === rule && exception.fault.test(fault));
