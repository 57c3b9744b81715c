import { setTimeout as sleep } from 'node:timers/promises';
import { EXTERNAL_SECRET } from '../../charts/gitops';
import type { Manifest } from '../../reachability/manifest';
import { applierOf } from '../cluster/applier';
import { get, kubectl } from '../cluster/kubectl';
import { UsageError } from '../command';
import { type Environment, objectsOf } from '../environment';

const POLL_MS = 2000;
/** The operator reads a new ExternalSecret at once; a store answers within seconds. */
const DEADLINE_MS = 60_000;

/** The parts of an ExternalSecret's state that are read. */
export interface ExternalState {
  readonly metadata: { readonly generation?: number };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly syncedResourceVersion?: string;
  };
}

/** Why the operator has not filled the Secret as requested now; undefined once it has. */
export function whyNotFilled(state: ExternalState | undefined): string | undefined {
  if (!state) return 'it was deleted';
  const ready = state.status?.conditions?.find(({ type }) => type === 'Ready');
  if (!ready) return 'the operator has said nothing of it, so it does not run or does not see it';
  if (ready.status !== 'True') return ready.message || 'not ready, without a reason';
  // "<generation>-<hash of the labels>"
  const [generation] = (state.status?.syncedResourceVersion ?? '').split('-');
  return generation === String(state.metadata.generation) ? undefined : 'the operator has not read its last change yet';
}

/**
 * Applies the ExternalSecrets, unless Argo CD or Flux does, and waits for the operator.
 * @returns one line for each that is not filled
 * @throws UsageError when dist/ is outdated
 */
export async function fetchExternal(chosen: Environment): Promise<string[]> {
  const objects = objectsOf(chosen).filter(({ kind }) => kind === EXTERNAL_SECRET.kind);
  if (objects.length === 0) {
    throw new UsageError(
      `dist/${chosen.name} holds no ExternalSecret, but config/ asks for them; run \`npm run synth\``,
    );
  }
  if (!(await applierOf(chosen.config))) {
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input });
  }
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const why = await Promise.all(objects.map(async (one) => whyNotFilled(await stateOf(one))));
    if (why.every((one) => one === undefined) || Date.now() > deadline) {
      return objects.flatMap(({ metadata: { namespace, name } }, i) =>
        why[i] ? [`${namespace}/${name}: its ExternalSecret is not filled: ${why[i]}`] : [],
      );
    }
    await sleep(POLL_MS);
  }
}

const stateOf = ({ metadata: { name, namespace } }: Manifest) =>
  get<ExternalState>(`externalsecrets.${EXTERNAL_SECRET.group}`, name, namespace);
