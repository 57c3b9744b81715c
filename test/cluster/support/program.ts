import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { config, kubectl } from './kubectl';

/** A program for a trial that no image contains: a static binary of this machine. */
export interface Program {
  /** Name of its pod, of its Service and of the Secret with its files. */
  readonly name: string;
  /** Its namespace, created and deleted with it. */
  readonly namespace: string;
  /** Path of the binary on this machine. */
  readonly binary: string;
  /** Shell that ends in `exec "$PROGRAM" …`; may write below `DATA_PATH`. */
  readonly script: string;
  /** Where it listens, and the port of its Service. */
  readonly port: number;
  /** Files below `FILES_PATH`, secret ones too. */
  readonly files: Readonly<Record<string, string>>;
  /** ServiceAccount of the namespace that it speaks to the API server as. @default - it has no token */
  readonly account?: string;
}

/** Where a program's volume is. */
export const DATA_PATH = '/data';
/** Where a program's files are. */
export const FILES_PATH = '/run/files';
const BINARY = `${DATA_PATH}/program`;
/** A uid without a user on the node. */
const UID = 10199;

/** Runs a program in a pod of the node image and waits until it listens. */
export async function startProgram(program: Program): Promise<void> {
  const { name, namespace, binary, account } = program;
  await removeProgram(namespace);
  await kubectl(['create', 'namespace', namespace]);
  if (account) await kubectl(['create', 'serviceaccount', account, '-n', namespace]);
  const items = [secret(program), service(program), pod(program)];
  await kubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
  const wait = (what: string, seconds: number): Promise<string> =>
    kubectl(['wait', `pod/${name}`, '-n', namespace, `--for=${what}`, `--timeout=${seconds}s`], {
      seconds: seconds + 10,
    });
  await wait('jsonpath={.status.phase}=Running', 120);
  await copyIn(program, binary);
  await wait('condition=Ready', 60);
}

/** Removes everything that `startProgram` made. */
export const removeProgram = (namespace: string): Promise<string> =>
  kubectl(['delete', 'namespace', namespace, '--ignore-not-found'], { seconds: 180 });

/** Runs a shell script beside the program. @returns its standard output */
export const beside = (program: Pick<Program, 'name' | 'namespace'>, script: string): Promise<string> =>
  kubectl(exec(program, script));

/** The firewalls let backups reach only a store outside the cluster: a NetworkPolicy that lets a site's pods reach a program. */
export const doorTo = (
  { name, namespace, port }: Pick<Program, 'name' | 'namespace' | 'port'>,
  site: string,
  selector: Record<string, string>,
) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: `${name}-trial`, namespace: site },
  spec: {
    podSelector: { matchLabels: selector },
    policyTypes: ['Egress'],
    egress: [
      {
        to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } }],
        ports: [{ protocol: 'TCP', port }],
      },
    ],
  },
});

const exec = ({ name, namespace }: Pick<Program, 'name' | 'namespace'>, script: string): string[] => [
  ...['exec', '-i', name, '-n', namespace],
  ...['--', 'sh', '-c', script],
];

/** Streams a file into the pod; it appears as the program when it is complete. */
function copyIn(program: Program, file: string): Promise<void> {
  const script = `cat > ${DATA_PATH}/part && chmod +x ${DATA_PATH}/part && mv ${DATA_PATH}/part ${BINARY}`;
  const from = openSync(file, 'r');
  return new Promise<void>((resolve, reject) => {
    const child = spawn('kubectl', exec(program, script), { stdio: [from, 'ignore', 'inherit'] });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${file} did not get into the pod`))));
  }).finally(() => closeSync(from));
}

const secret = ({ name, namespace, files }: Program) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace },
  stringData: files,
});

const service = ({ name, namespace, port }: Program) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec: { selector: { app: name }, ports: [{ port, targetPort: port }] },
});

const pod = ({ name, namespace, script, port, account }: Program) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels: { app: name } },
  spec: {
    serviceAccountName: account,
    automountServiceAccountToken: account !== undefined,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 0,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: UID,
      runAsGroup: UID,
      fsGroup: UID,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name,
        image: config.images.node,
        imagePullPolicy: config.imagePullPolicy,
        command: ['sh', '-c', `PROGRAM=${BINARY}\nuntil [ -x "$PROGRAM" ]; do sleep 0.5; done\n${script}`],
        resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { cpu: '1', memory: '512Mi' } },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
        volumeMounts: [
          { name: 'data', mountPath: DATA_PATH },
          { name: 'files', mountPath: FILES_PATH, readOnly: true },
        ],
      },
    ],
    volumes: [
      { name: 'data', emptyDir: { sizeLimit: '1Gi' } },
      { name: 'files', secret: { secretName: name } },
    ],
  },
});
