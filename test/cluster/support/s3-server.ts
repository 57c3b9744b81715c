import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { type Certificate, selfSigned } from '../../../commands/certificates';
import { config, kubectl } from './kubectl';

const NAMESPACE = `${config.name}-s3`;
const PORT = 7070;
const BUCKET = 'site-backups';
const BUCKETS = '/data/buckets';
const ACCESS = { 'access-key-id': 'trial', 'secret-access-key': crypto.randomUUID() } as const;

/** An object of the bucket, as it lies in the server's folder. */
export interface Held {
  readonly key: string;
  readonly size: number;
  /** Its first line. */
  readonly head: string;
}

/**
 * An S3 server (https://github.com/versity/versitygw) with a certificate of a private authority, in a namespace of its own.
 * The binary comes from this machine, so no image has to hold it: `CGO_ENABLED=0 go install
 * github.com/versity/versitygw/cmd/versitygw@v1.8.0`.
 */
export class S3Server {
  readonly bucket = BUCKET;
  readonly port = PORT;
  readonly endpoint = `https://s3.${NAMESPACE}.svc:${PORT}`;

  private constructor(private readonly certificate: Certificate) {}

  /** @param binary path of `versitygw` */
  static async start(binary: string): Promise<S3Server> {
    await S3Server.remove();
    const server = new S3Server(await selfSigned([`s3.${NAMESPACE}.svc`]));
    await kubectl(['create', 'namespace', NAMESPACE]);
    const objects = { apiVersion: 'v1', kind: 'List', items: [server.keys(), service, pod] };
    await kubectl(['apply', '-f', '-'], { input: JSON.stringify(objects) });
    await kubectl(['wait', 'pod/s3', '-n', NAMESPACE, '--for=jsonpath={.status.phase}=Running', '--timeout=120s'], {
      seconds: 130,
    });
    await copyIn(binary);
    await kubectl(['wait', 'pod/s3', '-n', NAMESPACE, '--for=condition=Ready', '--timeout=60s'], { seconds: 70 });
    return server;
  }

  /** Removes everything that `start` made. */
  static async remove(): Promise<void> {
    await kubectl(['delete', 'namespace', NAMESPACE, '--ignore-not-found'], { seconds: 180 });
  }

  /** What the Secret `backup` needs to reach it. */
  get access(): Record<string, string> {
    return { ...ACCESS, 'ca.crt': this.certificate.authority };
  }

  /** All objects of the bucket. */
  async objects(): Promise<Held[]> {
    const each = `printf '%s\\t%s\\t' "$1" "$(stat -c %s "$1")"; head -c 100 "$1" | head -n 1 | tr -cd '[:print:]'; echo`;
    const text = await inPod(
      `cd ${BUCKETS}/${BUCKET} && find ${config.name} -type f -exec sh -c '${each.replaceAll("'", `'\\''`)}' _ {} \\;`,
    );
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [key = '', size = '', head = ''] = line.split('\t');
        return { key, size: Number(size), head };
      });
  }

  /** Names of objects that hold one of the texts, anywhere. */
  async holding(...texts: readonly string[]): Promise<string[]> {
    const patterns = texts.map((text) => `-e '${text}'`).join(' ');
    return (await inPod(`grep -rlaF ${patterns} ${BUCKETS}/${BUCKET} || true`))
      .split('\n')
      .filter((line) => line !== '');
  }

  private keys() {
    const { certificate, key } = this.certificate;
    return {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's3', namespace: NAMESPACE },
      stringData: { ...ACCESS, 'tls.crt': certificate, 'tls.key': key },
    };
  }
}

/** The firewalls let backups reach a store beyond the cluster alone: this opens them the way to this one, for the trial. */
export const door = (selector: Record<string, string>) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 's3-trial', namespace: config.name },
  spec: {
    podSelector: { matchLabels: selector },
    policyTypes: ['Egress'],
    egress: [
      {
        to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': NAMESPACE } } }],
        ports: [{ protocol: 'TCP', port: PORT }],
      },
    ],
  },
});

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's3', namespace: NAMESPACE },
  spec: { selector: { app: 's3' }, ports: [{ port: PORT, targetPort: PORT }] },
};

/** Buckets are folders; what else it knows of an object lies beside them, so that the volume needs no extended attributes. */
const SERVE = `mkdir -p ${BUCKETS}/${BUCKET} /data/meta
until [ -x /data/versitygw ]; do sleep 0.5; done
exec /data/versitygw --quiet --port :${PORT} --cert /tls/tls.crt --key /tls/tls.key posix --sidecar /data/meta ${BUCKETS}`;

const fromSecret = (name: string, key: keyof typeof ACCESS) => ({
  name,
  valueFrom: { secretKeyRef: { name: 's3', key } },
});

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 's3', namespace: NAMESPACE, labels: { app: 's3' } },
  spec: {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 0,
    securityContext: { runAsNonRoot: true, runAsUser: 10199, runAsGroup: 10199, fsGroup: 10199 },
    containers: [
      {
        name: 's3',
        image: config.images.node,
        imagePullPolicy: config.imagePullPolicy,
        command: ['sh', '-c', SERVE],
        env: [fromSecret('ROOT_ACCESS_KEY', 'access-key-id'), fromSecret('ROOT_SECRET_KEY', 'secret-access-key')],
        resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { cpu: '1', memory: '512Mi' } },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 1 },
        volumeMounts: [
          { name: 'data', mountPath: '/data' },
          { name: 'tls', mountPath: '/tls', readOnly: true },
        ],
      },
    ],
    volumes: [
      { name: 'data', emptyDir: { sizeLimit: '1Gi' } },
      { name: 'tls', secret: { secretName: 's3', items: ['tls.crt', 'tls.key'].map((key) => ({ key, path: key })) } },
    ],
  },
};

const exec = (script: string): string[] => ['exec', '-i', 's3', '-n', NAMESPACE, '--', 'sh', '-c', script];
const inPod = (script: string): Promise<string> => kubectl(exec(script));

/** Streams a file into the pod; it appears under its name when it is complete. */
function copyIn(file: string): Promise<void> {
  const script = 'cat > /data/part && chmod +x /data/part && mv /data/part /data/versitygw';
  const from = openSync(file, 'r');
  return new Promise<void>((resolve, reject) => {
    const child = spawn('kubectl', exec(script), { stdio: [from, 'ignore', 'inherit'] });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${file} did not get into the pod`))));
  }).finally(() => closeSync(from));
}
