import * as z from 'zod';
import { nearest } from './nearest';
import { configSchema } from './schema';

/** A place in the configuration: names of settings and positions in lists. */
export type Path = readonly PropertyKey[];

/** The parts of a setting's JSON Schema that messages need. */
interface Node {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly oneOf?: readonly Node[];
}

let schema: Node | undefined;
const root = (): Node => {
  schema ??= z.toJSONSchema(configSchema, { io: 'input' }) as Node;
  return schema;
};

/** Writes a path as people type it: `monitoring.services[0].type`. */
const pathText = (path: Path): string =>
  path.map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i > 0 ? '.' : ''}${String(step)}`)).join('');

/**
 * One line for each fault that zod found: path, allowed values, value got.
 * @param input the validated value
 */
export function faultLines(issues: readonly z.core.$ZodIssue[], input: unknown): string[] {
  return issues.flatMap((issue) => {
    const node = nodeAt(issue.path, input);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => `${pathText([...issue.path, key])}: unknown setting${suggestion(key, node)}`);
    }
    if (issue.code === 'invalid_key') {
      const [{ message } = issue] = issue.issues;
      const key = issue.path.at(-1);
      return [
        `${pathText(issue.path.slice(0, -1))}: ${key === MERGE_KEY ? `must have no "<<"${NO_MERGE}` : `${message}, got ${show(key)}`}`,
      ];
    }
    const inside = issue.code === 'invalid_union' && branchesOf(issue).find(isInside);
    if (inside) {
      return faultLines(
        inside.map((one) => ({ ...one, path: [...issue.path, ...one.path] })),
        input,
      );
    }
    const where = pathText(issue.path) || '(top)';
    const got = valueAt(issue.path, input);
    if (got === undefined && issue.code !== 'custom') {
      return [`${where}: is required: ${allowed(issue, node).replace(/^must be /, '')}${described(node)}`];
    }
    return [`${where}: ${allowed(issue, node)}, got ${show(got)}`];
  });
}

/** A sentence with the allowed values, including both bounds. */
function allowed(issue: z.core.$ZodIssue, node: Node | undefined): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${kind(node?.type === 'integer' ? 'int' : issue.expected)}${range(node) && `, ${range(node)}`}`;
    case 'too_small':
      return sized(issue.origin, 'at least', Number(issue.minimum)) ?? `must be ${range(node)}`;
    case 'too_big':
      return sized(issue.origin, 'at most', Number(issue.maximum)) ?? `must be ${range(node)}`;
    case 'invalid_value':
      return `must be ${oneOf(issue.values)}`;
    case 'invalid_union':
      return issue.discriminator
        ? `must be ${oneOf((issue as { options?: readonly unknown[] }).options ?? [])}`
        : `must be ${kindsOf(issue).join(' or ')}`;
    case 'invalid_format':
      return FORMATS[issue.format] ?? issue.message;
    default:
      return issue.message;
  }
}

/** Faults by the branches of a union, those of a union within it among them. A union with a discriminator names its own fault. */
const branchesOf = ({ errors, discriminator }: z.core.$ZodIssueInvalidUnion): (readonly z.core.$ZodIssue[])[] =>
  discriminator
    ? []
    : errors.flatMap((branch) => {
        const [first] = branch;
        return first?.code === 'invalid_union' && first.path.length === 0 ? branchesOf(first) : [branch];
      });

/** Whether a branch takes this kind of value, and only something within it is wrong. */
const isInside = (branch: readonly z.core.$ZodIssue[]): boolean =>
  branch.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys');

/** Kinds of value that the branches of a union take, branches of branches among them. */
const kindsOf = ({ errors }: z.core.$ZodIssueInvalidUnion): string[] => [
  ...new Set(
    errors.flatMap((branch) =>
      branch.flatMap((issue) =>
        issue.code === 'invalid_type'
          ? kind(issue.expected)
          : issue.code === 'invalid_union' && issue.path.length === 0
            ? kindsOf(issue)
            : [],
      ),
    ),
  ),
];

const FORMATS: Readonly<Record<string, string>> = {
  url: 'must be an address that starts with https://, like "https://otlp.example.org:4318"',
  ipv4: 'must be an IPv4 address, like "169.254.20.10"',
};

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of settings',
  record: 'a group of names and texts',
};

const kind = (expected: string): string => KINDS[expected] ?? expected;

function sized(origin: string, bound: string, count: number): string | undefined {
  const unit = { array: 'item', string: 'character' }[origin];
  return unit && `must have ${bound} ${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** Bounds of a number in words, empty when it has none. JSON Schema writes the largest safe integer where there is none. */
function range(node: Node | undefined): string {
  const { minimum } = node ?? {};
  const maximum = node?.maximum === Number.MAX_SAFE_INTEGER ? undefined : node?.maximum;
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  if (minimum !== undefined) return `at least ${minimum}`;
  return maximum === undefined ? '' : `at most ${maximum}`;
}

const oneOf = (values: readonly unknown[]): string => {
  const texts = values.map((value) => JSON.stringify(value));
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}`;
};

const described = (node: Node | undefined): string => (node?.description ? ` (${node.description})` : '');

const show = (value: unknown): string => {
  const text = value === undefined ? 'nothing' : jsonOf(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
};

function jsonOf(value: unknown): string {
  // JSON has neither NaN nor a bigint
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  let values = 0;
  try {
    // aliases of aliases in YAML are a few lines there, and more than any memory holds when written out
    return JSON.stringify(value, (_, child) => (values++ > 200 ? undefined : child)) ?? String(value);
  } catch {
    // an anchor of YAML may stand within itself
    return 'a value that holds itself';
  }
}

function valueAt(path: Path, input: unknown): unknown {
  let at = input;
  for (const step of path) at = (at as Record<PropertyKey, unknown> | null | undefined)?.[step];
  return at;
}

/** The part of the schema that a path leads to; of alternatives, the one that matches the input. */
function nodeAt(path: Path, input: unknown): Node | undefined {
  let node: Node | undefined = chosen(root(), input);
  for (const [depth, step] of path.entries()) {
    const open: Node | undefined =
      typeof node?.additionalProperties === 'object' ? node.additionalProperties : undefined;
    node = typeof step === 'number' ? node?.items : (node?.properties?.[String(step)] ?? open);
    node = node && chosen(node, valueAt(path.slice(0, depth + 1), input));
  }
  return node;
}

const chosen = (node: Node, value: unknown): Node =>
  node.oneOf?.find((branch) =>
    Object.entries(branch.properties ?? {}).every(
      ([name, { const: wanted }]) => wanted === undefined || wanted === valueAt([name], value),
    ),
  ) ?? node;

const MERGE_KEY = '<<';
const NO_MERGE = ': merge keys are not of YAML 1.2, so write the settings out';

/** The probable meaning of an unknown setting: a similar name beside it, or the same name elsewhere. */
function suggestion(key: string, node: Node | undefined): string {
  if (key === MERGE_KEY) return NO_MERGE;
  const names = Object.keys(node?.properties ?? {}).filter((name) => name !== '$schema');
  const near = nearest(key, names);
  if (near) return `, did you mean "${near}"?`;
  const elsewhere = pathsOf(key, root(), '');
  if (elsewhere.length > 0 && elsewhere.length <= 4) return `, did you mean ${elsewhere.join(' or ')}?`;
  return names.length > 0 ? `, known here: ${names.join(', ')}` : '';
}

function pathsOf(key: string, node: Node, path: string): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const here = path ? `${path}.${name}` : name;
    return [...(name === key ? [here] : []), ...pathsOf(key, child, here)];
  });
}
