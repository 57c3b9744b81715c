import { type Certificate, selfSigned } from '../../../commands/secrets/certificates';
import { config } from './kubectl';
import { beside, DATA_PATH, doorTo, FILES_PATH, type Program, removeProgram, startProgram } from './program';

const NAME = 's3';
const NAMESPACE = `${config.name}-s3`;
const PORT = 7070;
const BUCKET = 'site-backups';
const BUCKETS = `${DATA_PATH}/buckets`;
const ACCESS = { 'access-key-id': 'trial', 'secret-access-key': crypto.randomUUID() } as const;

/** An object of the bucket, as it lies in the server's folder. */
export interface Held {
  readonly key: string;
  readonly size: number;
  /** Its first line. */
  readonly head: string;
}

/**
 * An S3 server (https://github.com/versity/versitygw) with a certificate of a private CA, in a separate namespace.
 * The binary comes from this machine, so no image has to hold it: `CGO_ENABLED=0 go install
 * github.com/versity/versitygw/cmd/versitygw@v1.8.0`.
 */
export class S3Server {
  readonly bucket = BUCKET;
  readonly port = PORT;
  readonly endpoint = `https://${NAME}.${NAMESPACE}.svc:${PORT}`;

  private constructor(private readonly certificate: Certificate) {}

  /** @param binary path of `versitygw` */
  static async start(binary: string): Promise<S3Server> {
    const certificate = await selfSigned([`${NAME}.${NAMESPACE}.svc`]);
    await startProgram(program(binary, certificate));
    return new S3Server(certificate);
  }

  /** Removes everything that `start` made. */
  static async remove(): Promise<void> {
    await removeProgram(NAMESPACE);
  }

  /** What the Secret `backup` needs to reach it. */
  get access(): Record<string, string> {
    return { ...ACCESS, 'ca.crt': this.certificate.ca };
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
}

/** Lets pods of the environment under test reach it. */
export const door = (selector: Record<string, string>) =>
  doorTo({ name: NAME, namespace: NAMESPACE, port: PORT }, config.name, selector);

const program = (binary: string, { certificate, key }: Certificate): Program => ({
  name: NAME,
  namespace: NAMESPACE,
  binary,
  script: SERVE,
  port: PORT,
  files: { ...ACCESS, 'tls.crt': certificate, 'tls.key': key },
});

/** Buckets are folders; metadata of objects is beside them, so that the volume needs no extended attributes. */
const SERVE = `mkdir -p ${BUCKETS}/${BUCKET} ${DATA_PATH}/meta
export ROOT_ACCESS_KEY="$(cat ${FILES_PATH}/access-key-id)" ROOT_SECRET_KEY="$(cat ${FILES_PATH}/secret-access-key)"
exec "$PROGRAM" --quiet --port :${PORT} --cert ${FILES_PATH}/tls.crt --key ${FILES_PATH}/tls.key \\
  posix --sidecar ${DATA_PATH}/meta ${BUCKETS}`;

const inPod = (script: string): Promise<string> => beside({ name: NAME, namespace: NAMESPACE }, script);
