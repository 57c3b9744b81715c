import type { Claim } from '../../commands/up/growth';

interface Pod {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string };
  readonly spec: { readonly volumes: readonly { readonly persistentVolumeClaim: { readonly claimName: string } }[] };
  readonly status: { readonly phase: string };
}

interface StatefulSet {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid?: string };
  readonly spec: {
    readonly template?: unknown;
    readonly volumeClaimTemplates: readonly {
      readonly metadata: { readonly name: string };
      readonly spec: { readonly resources: { readonly requests: { readonly storage: string } } };
    }[];
  };
}

/** A claim whose fields a test may change. */
export type Stored = { -readonly [K in keyof Claim]: Claim[K] } & { status: { capacity?: { storage?: string } } };

/** What `grow` asks of an API server, in memory: claims, their driver, and StatefulSets. Each call that changes something may be the last. */
export class VolumesCluster {
  readonly claims = new Map<string, Stored>();
  readonly pods = new Map<string, Pod>();
  readonly sets = new Map<string, StatefulSet>();
  /** Calls that changed something, as typed. */
  readonly changes: string[] = [];
  /** What the driver does with a claim each time that claims are listed. @default - gives it what it asks for */
  driver: (claim: Stored) => void = (claim) => {
    claim.status = { phase: 'Bound', capacity: { ...claim.spec.resources.requests } };
  };
  /** Message with which a dry run refuses. @default - none does */
  refusal: string | undefined;
  /** The process is killed at this change, counted from 1: before or after it has happened. @default - never */
  killedAt: { readonly change: number; readonly when: 'before' | 'after' } | undefined;
  readonly classes: object[] = [{ metadata: { name: 'grows' }, allowVolumeExpansion: true }];

  /** A StatefulSet with its pods and claims. */
  addSet(namespace: string, name: string, replicas: number, size: string, storageClassName = 'grows'): void {
    const resources = { requests: { storage: size } };
    const templates = [{ metadata: { name: 'data' }, spec: { storageClassName, resources }, status: {} }];
    const spec = { replicas, template: { spec: { containers: [{ name }] } }, volumeClaimTemplates: templates };
    this.sets.set(name, { metadata: { name, namespace, uid: 'first' }, spec });
    for (let i = 0; i < replicas; i++) this.addClaim(namespace, `data-${name}-${i}`, size, storageClassName);
  }

  /** A claim with its volume, and a pod that mounts it. */
  addClaim(namespace: string, name: string, size: string, storageClassName: string | undefined = 'grows'): Stored {
    const resources = { requests: { storage: size } };
    const status = { phase: 'Bound', capacity: { storage: size } };
    const claim = { metadata: { name, namespace }, spec: { storageClassName, resources }, status };
    this.claims.set(name, claim);
    const volumes = [{ persistentVolumeClaim: { claimName: name } }];
    const metadata = { name: `pod-of-${name}`, namespace, uid: `uid-${name}` };
    this.pods.set(name, { metadata, spec: { volumes }, status: { phase: 'Running' } });
    return claim;
  }

  /** In place of `get` of commands/cluster/kubectl. */
  readonly get = async (_: string, name: string): Promise<unknown> => structuredClone(this.sets.get(name));

  /** In place of `list`. */
  readonly list = async (kind: string, namespace: string): Promise<unknown[]> => {
    if (kind === 'persistentvolumeclaims') for (const claim of this.claims.values()) this.driver(claim);
    const all = kind === 'pods' ? this.pods : this.claims;
    return structuredClone([...all.values()]).filter(({ metadata }) => metadata.namespace === namespace);
  };

  /** In place of `kubectl`. */
  readonly kubectl = async (args: readonly string[], { input = '' } = {}): Promise<string> => {
    const [verb, kind, name = ''] = args;
    if (verb === 'get' && kind === 'storageclasses.storage.k8s.io') return JSON.stringify({ items: this.classes });
    if (args.includes('--dry-run=server')) {
      if (this.refusal) throw new Error(this.refusal);
      return '';
    }
    this.change(verb === 'apply' ? `apply ${JSON.parse(input).metadata.name}` : `${verb} ${kind} ${name}`, () => {
      if (verb === 'patch') this.patch(name, JSON.parse(args[args.indexOf('-p') + 1] ?? '{}'));
      else if (verb === 'delete' && args.includes('--cascade=orphan')) this.sets.delete(name);
      else if (verb === 'apply') this.sets.set(JSON.parse(input).metadata.name, JSON.parse(input));
      else throw new Error(`no one expects: ${args.join(' ')}`);
    });
    return '';
  };

  private patch(name: string, { spec }: Pick<Claim, 'spec'>): void {
    const claim = this.claims.get(name);
    if (!claim) throw new Error(`no claim ${name}`);
    claim.spec = { ...claim.spec, ...spec };
  }

  private change(what: string, happen: () => void): void {
    const killed = this.killedAt?.change === this.changes.length + 1 ? this.killedAt : undefined;
    if (killed?.when === 'before') throw new Error('killed');
    happen();
    this.changes.push(what);
    if (killed) throw new Error('killed');
  }
}
