import { eventually } from '../eventually';
import { config, kubectl, type Pod } from '../kubectl';
import { databasePods } from './places';

const NAMESPACE = `${config.name}-database-trial`;

// $1: uid of a pod. Prints a process of it whose command begins with $2: cgroups name pods by their uid, with
// dashes or, under systemd, with underscores.
const FIND = `find_process() {
  for dir in /proc/[0-9]*; do
    if grep -qsE "$1|$(printf %s "$1" | tr - _)" "$dir/cgroup" && case $(cat "$dir/comm") in "$2"*) true;; *) false;; esac; then
      echo "\${dir#/proc/}"
      return
    fi
  done
  echo "no process $2 of pod $1 on this node" >&2
  return 1
}
`;

// iptables is the node's own, the network is the pod's: by its router, which lasts, and not by a probe that ends meanwhile
const INSIDE = `${FIND}
pid=$(find_process "$1" haproxy) || exit
inside() { nsenter --mount=/proc/1/ns/mnt --net=/proc/$pid/ns/net -- "$@"; }
`;

/** What is cut: everything, or the group's own connections alone while clients still reach the server. */
export type Cut = 'all' | 'group';

const RULES: Readonly<Record<Cut, readonly string[]>> = {
  all: ['INPUT ! -i lo', 'OUTPUT ! -o lo'],
  group: ['INPUT', 'OUTPUT'].flatMap((chain) => ['--dport', '--sport'].map((side) => `${chain} -p tcp ${side} 33061`)),
};

const MOST_SECONDS = 300;

/**
 * Does to database pods, from their nodes, what no API can: a privileged pod on each of these nodes, in a namespace of
 * its own. Needs iptables on the nodes.
 */
export class Hammer {
  private constructor(private readonly targets: () => Promise<readonly Pod[]>) {}

  /**
   * Starts one on every node that runs one of the targets now, or could.
   * @param targets pods that it may be used on: databases of the environment under test, if nothing else is said
   */
  static async start(targets: () => Promise<readonly Pod[]> = databasePods): Promise<Hammer> {
    const hammer = new Hammer(targets);
    await hammer.remove();
    await kubectl(['create', '-f', '-'], {
      input: JSON.stringify({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
      }),
    });
    const nodes = (await kubectl(['get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}'])).split(' ');
    for (const node of nodes) await kubectl(['create', '-f', '-'], { input: JSON.stringify(podOn(node)) });
    const used = new Set((await targets()).map(({ spec }) => spec.nodeName ?? ''));
    for (const node of used) {
      await eventually(
        `a hammer on ${node}`,
        60,
        async () =>
          (await kubectl(['get', 'pod', node, '-n', NAMESPACE, '-o', 'jsonpath={.status.phase}'])) === 'Running',
      );
    }
    await hammer.restore();
    return hammer;
  }

  /** SIGKILL to the server's process, which no signal from within the pod could do to a process 1. */
  async kill(pod: Pod, command = 'mysqld'): Promise<void> {
    await this.run(pod, `${FIND} pid=$(find_process "$1" ${command}) && kill -9 $pid`);
  }

  /** Loses every packet between the pod and the rest, silently, until `restore`; at most five minutes. */
  async cut(pod: Pod, cut: Cut): Promise<void> {
    const each = (action: string): string =>
      RULES[cut].map((rule) => `iptables -w ${action} ${rule} -j DROP`).join('; ');
    await this.run(
      pod,
      `${INSIDE} inside sh -ec '${each('-A')}'; (sleep ${MOST_SECONDS}; inside sh -c '${each('-D')}') >/dev/null 2>&1 &`,
    );
  }

  /** Ends all cuts, those of an interrupted trial as well. */
  async restore(): Promise<void> {
    const undo = Object.values(RULES)
      .flat()
      .map((rule) => `while iptables -w -D ${rule} -j DROP 2>/dev/null; do :; done`)
      .join('; ');
    for (const pod of await this.targets()) await this.run(pod, `${INSIDE} inside sh -c '${undo}'`);
  }

  private async run(pod: Pod, script: string): Promise<string> {
    const node = pod.spec.nodeName ?? '';
    return kubectl(['exec', node, '-n', NAMESPACE, '--', 'sh', '-c', script, 'sh', pod.metadata.uid]);
  }

  /** Removes it. */
  async remove(): Promise<void> {
    await kubectl(['delete', 'namespace', NAMESPACE, '--ignore-not-found'], { seconds: 120 });
  }
}

const podOn = (nodeName: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: nodeName, namespace: NAMESPACE },
  spec: {
    nodeName,
    hostPID: true,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 0,
    tolerations: [{ operator: 'Exists' }],
    containers: [
      {
        name: 'hammer',
        image: config.images.node,
        imagePullPolicy: config.imagePullPolicy,
        command: ['node', '-e', 'setInterval(() => {}, 1e6)'],
        resources: { requests: { cpu: '1m', memory: '32Mi' }, limits: { memory: '128Mi' } },
        securityContext: { privileged: true, runAsUser: 0 },
      },
    ],
  },
});
