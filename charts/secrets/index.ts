import type { Construct } from 'constructs';
import type { Config } from '../../config/schema';
import {
  ExternalSecretSpecDataRemoteRefConversionStrategy as Conversion,
  ExternalSecretSpecTargetCreationPolicy as Creation,
  type ExternalSecretSpecData as Data,
  ExternalSecretSpecDataRemoteRefDecodingStrategy as Decoding,
  ExternalSecretSpecTargetDeletionPolicy as Deletion,
  ExternalSecretSpecTargetTemplateEngineVersion as Engine,
  ExternalSecret,
  ExternalSecretSpecTargetTemplateMergePolicy as Merge,
  ExternalSecretSpecDataRemoteRefMetadataPolicy as Metadata,
  ExternalSecretSpecRefreshPolicy as Refresh,
  ExternalSecretSpecSecretStoreRefKind as StoreKind,
} from '../../imports/external-secrets.io';
import { ThreewallChart } from '../chart';
import { ownerLabels } from '../names';
import { neededSecrets } from './list';
import type { Needed } from './needed';

/**
 * Tells the External Secrets operator which Secrets to fill from a store. Each key is one property of an entry; a
 * copy refers to the entry of its original, so that the two cannot differ.
 * @see https://external-secrets.io/latest/api/externalsecret/
 */
export class ExternalSecretsChart extends ThreewallChart {
  constructor(scope: Construct, config: Config, external: NonNullable<Config['secrets']['externalSecrets']>) {
    super(scope, '20', 'secrets', config.name);
    const secrets = neededSecrets(config).filter(({ madeByOthers }) => !madeByOthers);
    const { prefix = `${config.name}/`, store, refreshInterval } = external;
    for (const secret of secrets) {
      const { name, namespace, type, keys } = secret;
      new ExternalSecret(this, `${namespace}-${name}`, {
        metadata: { name, namespace, labels: ownerLabels(config) },
        spec: {
          refreshPolicy: Refresh.PERIODIC,
          refreshInterval,
          secretStoreRef: { name: store.name, kind: STORE_KINDS[store.kind] },
          target: {
            name,
            // no owner: the Secret outlives the ExternalSecret, and one that `npm run secrets` has created is taken over
            creationPolicy: Creation.ORPHAN,
            deletionPolicy: Deletion.RETAIN,
            template: {
              engineVersion: Engine.V2,
              mergePolicy: Merge.REPLACE,
              type,
              metadata: { labels: ownerLabels(config) },
            },
          },
          data: keys.map((key) => dataOf(secret, key, secrets, prefix)),
        },
      });
    }
  }
}

const STORE_KINDS = { SecretStore: StoreKind.SECRET_STORE, ClusterSecretStore: StoreKind.CLUSTER_SECRET_STORE };

/** Every field that the API server would add, because Argo CD reports an added field in a list as a difference. */
function dataOf({ name, copies }: Needed, key: string, all: readonly Needed[], prefix: string): Data {
  const original = copies?.[key];
  const entry = original ? all.find(({ id }) => id === original.from)?.name : name;
  return {
    secretKey: key,
    remoteRef: {
      key: `${prefix}${entry}`,
      property: original?.key ?? key,
      conversionStrategy: Conversion.DEFAULT,
      decodingStrategy: Decoding.NONE,
      metadataPolicy: Metadata.NONE,
    },
  };
}
