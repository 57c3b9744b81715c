import * as z from 'zod';
import { objectName } from './kubernetes-names';

const externalSecrets = z
  .strictObject({
    store: z.strictObject({
      name: objectName.describe('name of the store'),
      kind: z
        .enum(['ClusterSecretStore', 'SecretStore'])
        .default('ClusterSecretStore')
        .describe('a SecretStore must be in both namespaces, by the same name'),
    }),
    prefix: z
      .string()
      .regex(/^[A-Za-z0-9/_.-]*$/, 'must hold letters, digits, "/", "_", "." and "-" only')
      .optional()
      .describe(
        'text before the name of each Secret in the store: `<name>/` when left out; "shop-" where names may have no slash (Azure Key Vault, Google Secret Manager)',
      ),
    refreshInterval: z
      .string()
      .regex(/^(\d+(h|m|s))+$/, 'must be a time like "1h" or "5m"')
      .default('1h')
      .describe('how often the operator reads the store'),
  })
  .optional()
  .describe('provider external-secrets: where its operator finds the values');

/** Names of the Secrets, and the tool that makes them. */
export const secrets = z
  .strictObject({
    provider: z
      .enum(['kubectl', 'external-secrets', 'sealed-secrets', 'sops'])
      .default('kubectl')
      .describe(
        'what puts the Secrets into the cluster: `npm run secrets` itself (`kubectl`), an operator that reads a store, or encrypted files of your repository: docs/secrets.md',
      ),
    externalSecrets,
    create: z
      .boolean()
      .default(true)
      .describe('whether `npm run secrets` may create what is missing; false where another tool owns the Secrets'),
    siteTls: objectName.default('site-tls').describe('certificate of the site (tls.crt, tls.key)'),
    appTls: objectName
      .default('app-tls')
      .describe('with tls.reencrypt: app, certificate of the app servers and its CA (tls.crt, tls.key, ca.crt)'),
    webClientTls: objectName
      .default('web-client-tls')
      .describe('with tls.reencrypt: app, by which app servers know web servers (tls.crt, tls.key, ca.crt)'),
    internalCa: objectName
      .default('internal-ca')
      .describe('with tls.reencrypt: app, the CA that `npm run secrets` signs those two with; mounted by no pod'),
    databaseTls: objectName
      .default('database-tls')
      .describe('certificate of the databases and its CA (tls.crt, tls.key, ca.crt)'),
    databaseUsers: objectName
      .default('database-users')
      .describe('passwords: root, app, replication, monitoring, backup'),
    appRandom: objectName
      .default('app-random')
      .describe('values of `app.env` that are `random`, by the names of the variables'),
    appSupplied: objectName
      .default('app-supplied')
      .describe('values of `app.env` that are `supplied`, by the names of the variables'),
    backup: objectName.default('backup').describe('password of the backup repositories, and access to their store'),
    databaseMonitoring: objectName
      .default('database-monitoring')
      .describe('in the monitoring namespace: password of the monitoring user and ca.crt of the databases'),
    monitoringService: objectName
      .default('monitoring-service')
      .describe('in the monitoring namespace: access to external monitoring services'),
  })
  .prefault({})
  .describe('names of the Secrets; their values are never part of the manifests');

/** The section `secrets` with its defaults. */
export type Secrets = Readonly<z.output<typeof secrets>>;

/** Settings that name a Secret. */
export type SecretRole = Exclude<keyof Secrets, 'provider' | 'externalSecrets' | 'create'>;

/** Whether `npm run secrets` may generate values: not where a person or another tool owns them. */
export const mayGenerate = ({ create, provider }: Pick<Secrets, 'create' | 'provider'>): boolean =>
  create && provider !== 'external-secrets';

/** Whether `npm run secrets` creates what is missing in the cluster. */
export const createsInCluster = ({ create, provider }: Pick<Secrets, 'create' | 'provider'>): boolean =>
  create && provider === 'kubectl';

/** One line for each setting that does not fit the provider. */
export function providerRules({ provider, externalSecrets }: Secrets): string[] {
  const isExternal = provider === 'external-secrets';
  return [
    ...(isExternal && !externalSecrets
      ? [
          'secrets.externalSecrets: is missing with secrets.provider "external-secrets"; name the store: { store: { name: vault } }',
        ]
      : []),
    ...(!isExternal && externalSecrets
      ? [
          `secrets.externalSecrets: must be left out with secrets.provider "${provider}"; it belongs to "external-secrets"`,
        ]
      : []),
  ];
}
