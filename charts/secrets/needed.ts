/** A Secret that the manifests of an environment refer to: everything but its values. */
export interface Needed {
  readonly id:
    | 'site'
    | 'internalCa'
    | 'appTls'
    | 'webClientTls'
    | 'database'
    | 'users'
    | 'backup'
    | 'databaseMonitoring'
    | 'monitoringService'
    | 'appRandom'
    | 'appSupplied'
    | `app:${string}`;
  readonly namespace: string;
  readonly name: string;
  readonly type: 'kubernetes.io/tls' | 'Opaque';
  readonly keys: readonly string[];
  /** Keys whose value may be empty. @default - none */
  readonly emptyAllowed?: readonly string[];
  /** Description of its content, for people who supply it. */
  readonly holds: string;
  /** Host names that its certificate must contain. @default - it holds no certificate */
  readonly hosts?: readonly string[];
  /** Keys whose values are those of another Secret. @default - none */
  readonly copies?: Readonly<Record<string, { readonly from: Needed['id']; readonly key: string }>>;
  /** Another tool of the cluster creates it, maybe later: it is neither created nor required. @default false */
  readonly madeByOthers?: boolean;
  /**
   * It only serves to create these Secrets; if all of them exist, it is neither created nor required. @default - needed
   * for itself
   */
  readonly onlyFor?: readonly Needed['id'][];
  /** Keys may be added to the existing Secret: each is generated once, when it is first needed. @default false */
  readonly grows?: boolean;
}
