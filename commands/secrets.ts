import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from '../config';
import { command, type Environment, environment, UsageError } from './environment';
import { get, kubectl } from './kubectl';
import { type Found, faultsOf, type Wanted, wantedSecrets } from './secrets-plan';

const WARN_DAYS = 30;

/**
 * Creates the Secrets that an environment lacks and checks those that it has. Nothing is overwritten, no value is
 * printed or written to a file: values go from memory to kubectl's standard input.
 * @throws UsageError naming at once all Secrets and keys that somebody else has to supply
 */
export async function ensureSecrets({ config, manifests }: Environment): Promise<void> {
  await kubectl(['apply', '--server-side', '-f', join(manifests, '00-namespaces.yaml')]);
  const wanted = wantedSecrets(config);
  const found = new Map<string, Found>();
  for (const { id, namespace, name } of wanted) {
    const secret = await get<{ data?: Record<string, string> }>('secret', name, namespace);
    if (secret) found.set(id, decode(secret.data ?? {}));
  }
  const faults = faultsOf(wanted, found, config);
  if (faults.length > 0) throw new UsageError(`Secrets need your attention\n${faults.map((f) => `  ${f}`).join('\n')}`);

  for (const secret of wanted) {
    if (!found.has(secret.id) && secret.make) {
      const values = await secret.make(found);
      await create(secret, values, config);
      found.set(secret.id, values);
      console.log(`created Secret ${secret.namespace}/${secret.name}`);
    }
  }
  for (const secret of wanted) warnOfExpiry(secret, found.get(secret.id));
}

const decode = (data: Record<string, string>): Found =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));

/** `create`, not `apply`: a Secret that came into being meanwhile is an error and stays as it is. */
async function create({ namespace, name, type }: Wanted, values: Found, config: Config): Promise<void> {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    type,
    metadata: {
      name,
      namespace,
      labels: { 'app.kubernetes.io/part-of': config.name, 'app.kubernetes.io/managed-by': 'threewall' },
    },
    stringData: values,
  };
  await kubectl(['create', '-f', '-'], { input: JSON.stringify(secret) });
}

function warnOfExpiry({ namespace, name }: Wanted, values: Found | undefined): void {
  if (!values?.['tls.crt']) return;
  const { validTo } = new X509Certificate(values['tls.crt']);
  const days = Math.floor((Date.parse(validTo) - Date.now()) / (24 * 3600 * 1000));
  if (days < WARN_DAYS)
    console.warn(`warning: the certificate in Secret ${namespace}/${name} expires in ${days} days, on ${validTo}`);
}

if (process.argv[1]?.endsWith('secrets.ts')) {
  await command({}, async (name) => {
    await ensureSecrets(environment(name));
    console.log('all Secrets are there');
  });
}
