import { ownerLabels } from '../../charts/names';
import type { Config } from '../../config';
import { namespacesOf } from '../../config/namespaces';
import { list } from './kubectl';

/** Annotation of Argo CD: `<Application>:<group>/<kind>:<namespace>/<name>`. */
export const TRACKING_ID = 'argocd.argoproj.io/tracking-id';
/** Label of Flux: the name of the Kustomization that an object belongs to. */
export const FLUX_NAME = 'kustomize.toolkit.fluxcd.io/name';
/** Label of Flux: the namespace of that Kustomization. */
export const FLUX_NAMESPACE = 'kustomize.toolkit.fluxcd.io/namespace';

/** A program that applies the site continuously and undoes other changes. */
export interface Applier {
  readonly tool: 'Argo CD' | 'Flux';
  /** Its Application or Kustomization. */
  readonly name: string;
}

/** The parts of an object that show what applies it. */
export interface Tracked {
  readonly metadata: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** The applier of one of these objects, by its annotations and labels. */
export function applierOfObjects(objects: readonly Tracked[]): Applier | undefined {
  for (const { metadata } of objects) {
    const application = metadata.annotations?.[TRACKING_ID]?.split(':')[0];
    if (application) return { tool: 'Argo CD', name: application };
    const kustomization = metadata.labels?.[FLUX_NAME];
    if (kustomization) return { tool: 'Flux', name: kustomization };
  }
  return undefined;
}

/**
 * The applier of the site, if it is not this project's commands. Namespaces and claims are ignored: they outlive an
 * Application and keep its name.
 */
export async function applierOf(config: Config): Promise<Applier | undefined> {
  const kinds = 'networkpolicies.networking.k8s.io,services,deployments.apps,statefulsets.apps,daemonsets.apps';
  const found = await Promise.all(
    namespacesOf(config).map((namespace) => list<Tracked>(kinds, namespace, ownerLabels(config))),
  );
  return applierOfObjects(found.flat());
}

/** What to do instead of a command that the applier would undo, one sentence each. */
export function insteadOf(command: 'up' | 'down', { tool, name }: Applier, environment: string): string {
  const [kind, cascade, leave] =
    tool === 'Argo CD'
      ? ['Application', `argocd app delete ${name}`, `argocd app delete ${name} --cascade=false`]
      : ['Kustomization', `flux delete kustomization ${name}`, `flux suspend kustomization ${name}`];
  const instead = {
    up: 'Commit the change instead, it is applied from git.',
    down: `Take the site down there: \`${cascade}\` (volumes, Secrets and namespaces stay).`,
  }[command];
  return [
    `${tool} applies this site (${kind} ${name}) and would undo what \`${command}\` does. ${instead}`,
    `  To leave ${tool}: \`${leave}\`, then \`npm run gitops -- ${environment} --release\``,
  ].join('\n');
}
