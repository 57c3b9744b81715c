/** The parts of a container that a restore reads or changes. */
export interface Container {
  readonly name: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

/** The parts of a pod that a restore reads or changes. */
export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly { readonly name: string }[];
}

/** Of a Job. */
export interface Template {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly backoffLimit?: number;
    readonly template: {
      readonly metadata?: object;
      readonly spec: PodSpec;
    };
  };
}

/** What differs from a scheduled run. */
export interface Change {
  /** Variables of all its containers. @default - none more */
  readonly env?: Readonly<Record<string, string>>;
  /** Labels of the Job. @default - none more */
  readonly labels?: Readonly<Record<string, string>>;
  /** The one container that runs. @default - all */
  readonly only?: string;
  /** How often a pod that failed or was lost is replaced. @default 0 */
  readonly retries?: number;
  /** Its pod, when all else is changed. @default - as it is then */
  readonly pod?: (pod: PodSpec) => PodSpec;
  /** What `ensureJob` does when the Job is there, and before it has a pod; may be done twice. @default - nothing */
  readonly before?: (job: string) => Promise<void>;
}

/** One with labels. */
export type Labelled = Change & Required<Pick<Change, 'labels'>>;
