import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { type Certificate, selfSigned } from '../../../commands/secrets/certificates';
import { Forward } from './forward';
import { config } from './kubectl';
import { beside, DATA_PATH, FILES_PATH, type Program, startProgram } from './program';

const NAME = 's3';
const NAMESPACE = `${config.name}-s3`;
const PORT = 7070;
/** Of versitygw and of the front's control, on the loopback. */
const BEHIND = 7071;
const CONTROL = 7072;
const BUCKET = 'site-backups';
const ACCESS = { 'access-key-id': 'trial', 'secret-access-key': crypto.randomUUID() } as const;

/** An object of the bucket, as it lies in the server's folder. */
export interface Held {
  readonly key: string;
  readonly size: number;
}

/** What happens to requests. Numbers: how many of the next ones. */
export interface Faults {
  /** Get `503 SlowDown`. */
  readonly slowDown: number;
  /** Uploads that break off. */
  readonly cutUploads: number;
  /** Downloads that break off. */
  readonly cutAnswers: number;
  /** Speed of each body; 0 for no limit. */
  readonly bytesPerSecond: number;
  /** Each connection ends at once. */
  readonly away: boolean;
}

/**
 * An S3 server (https://github.com/versity/versitygw) with a certificate of a private CA, in a separate namespace. Its bucket has
 * Object Lock: no version of an object can be removed within a day. The binary comes from this machine, so no image has to hold it:
 * `CGO_ENABLED=0 go install github.com/versity/versitygw/cmd/versitygw@latest`.
 */
export class S3Server {
  readonly namespace = NAMESPACE;
  readonly name = NAME;
  readonly port = PORT;
  readonly bucket = BUCKET;
  readonly endpoint = `https://${NAME}.${NAMESPACE}.svc:${PORT}`;

  private constructor(private readonly certificate: Certificate) {}

  /** @param binary path of `versitygw` */
  static async start(binary: string): Promise<S3Server> {
    const certificate = await selfSigned([`${NAME}.${NAMESPACE}.svc`]);
    await startProgram(program(binary, certificate));
    await lockedBucket();
    return new S3Server(certificate);
  }

  /** What the Secret `backup` needs to reach it. */
  get access(): Record<string, string> {
    return { ...ACCESS, 'ca.crt': this.certificate.ca };
  }

  /** Asks for faults. @returns those that are left */
  async faults(wanted: Partial<Faults> = {}): Promise<Faults> {
    const script = `fetch('http://127.0.0.1:${CONTROL}', { method: 'POST', body: '${JSON.stringify(wanted)}' }).then((a) => a.text()).then(console.log)`;
    return JSON.parse(await inPod(`node -e "${script.replaceAll('"', '\\"')}"`)) as Faults;
  }

  /** All objects of the bucket, in all versions. */
  async objects(): Promise<Held[]> {
    return (await inPod(`find ${BUCKETS} ${VERSIONS} -type f -printf '%s %p\\n'`))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => ({ key: line.slice(line.indexOf(' ') + 1), size: Number.parseInt(line, 10) }));
  }

  /** Names of objects that hold one of the texts, anywhere. */
  async holding(...texts: readonly string[]): Promise<string[]> {
    const patterns = texts.map((text) => `-e '${text}'`).join(' ');
    return (await inPod(`grep -rlaF ${patterns} ${BUCKETS} ${VERSIONS} || true`))
      .split('\n')
      .filter((line) => line !== '');
  }
}

const program = (binary: string, { certificate, key }: Certificate): Program => ({
  name: NAME,
  namespace: NAMESPACE,
  binary,
  script: SERVE,
  port: PORT,
  files: {
    ...ACCESS,
    'tls.crt': certificate,
    'tls.key': key,
    'front.mjs': readFileSync('test/cluster/support/s3-front.mjs', 'utf8'),
  },
});

const BUCKETS = `${DATA_PATH}/buckets`;
const VERSIONS = `${DATA_PATH}/versions`;
/** Buckets are folders; metadata of objects is beside them, so that the volume needs no extended attributes. */
const SERVE = `mkdir -p ${BUCKETS} ${VERSIONS} ${DATA_PATH}/meta
export ROOT_ACCESS_KEY="$(cat ${FILES_PATH}/access-key-id)" ROOT_SECRET_KEY="$(cat ${FILES_PATH}/secret-access-key)"
"$PROGRAM" --quiet --port 127.0.0.1:${BEHIND} posix --sidecar ${DATA_PATH}/meta --versioning-dir ${VERSIONS} ${BUCKETS} &
exec node ${FILES_PATH}/front.mjs ${PORT} ${BEHIND} ${CONTROL} ${FILES_PATH}/tls.crt ${FILES_PATH}/tls.key`;

const inPod = (script: string): Promise<string> => beside({ name: NAME, namespace: NAMESPACE }, script);

const LOCK = `<ObjectLockConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><ObjectLockEnabled>Enabled</ObjectLockEnabled>
<Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>1</Days></DefaultRetention></Rule></ObjectLockConfiguration>`;

/** Makes the bucket. @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLockConfiguration.html */
async function lockedBucket(): Promise<void> {
  const forward = await Forward.open(NAMESPACE, `pod/${NAME}`, PORT);
  const bucket = `${forward.base.replace('http:', 'https:')}/${BUCKET}`;
  try {
    await put(bucket, '', ['x-amz-bucket-object-lock-enabled: true']);
    await put(`${bucket}?object-lock=`, LOCK, [`content-md5: ${createHash('md5').update(LOCK).digest('base64')}`]);
  } finally {
    forward.close();
  }
}

/** A signed request. curl does not give the digest of the body that S3 wants. */
async function put(url: string, body: string, headers: readonly string[]): Promise<void> {
  const { 'access-key-id': id, 'secret-access-key': secret } = ACCESS;
  const digest = createHash('sha256').update(body).digest('hex');
  const all = [...headers, `x-amz-content-sha256: ${digest}`].flatMap((header) => ['--header', header]);
  const signed = ['--aws-sigv4', 'aws:amz:us-east-1:s3', '--user', `${id}:${secret}`];
  const args = ['--silent', '--show-error', '--fail', '--insecure', '--request', 'PUT', '--data-binary', body];
  await promisify(execFile)('curl', [...args, ...signed, ...all, url]);
}
