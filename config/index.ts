import { load } from 'js-yaml';
import type { z } from 'zod';
import { rules } from './rules';
import { type Config, configSchema } from './schema';

export type { Config } from './schema';

/** Everything that is wrong with an environment, one fault a line. Commands answer it with exit code 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(
    readonly file: string,
    /** One line a fault: path, what is allowed, what was got. */
    readonly faults: readonly string[],
  ) {
    super(
      `${file}: ${faults.length} fault${faults.length === 1 ? '' : 's'}\n${faults.map((f) => `  ${f}`).join('\n')}`,
    );
  }
}

/**
 * Reads an environment from the text of its file.
 * @param text YAML text
 * @param file name for messages
 * @throws ConfigError naming every fault at once
 */
export function parseConfig(text: string, file: string): Config {
  let input: unknown;
  try {
    input = load(text) ?? {};
  } catch (error) {
    throw new ConfigError(file, [`not YAML: ${(error as Error).message.split('\n')[0]}`]);
  }
  const parsed = configSchema.safeParse(input, { reportInput: true });
  if (!parsed.success) throw new ConfigError(file, describe(parsed.error.issues));
  const faults = rules(parsed.data);
  if (faults.length > 0) throw new ConfigError(file, faults);
  return deepFreeze(parsed.data);
}

function describe(issues: readonly z.core.$ZodIssue[]): string[] {
  return issues.flatMap((issue) => {
    const path = issue.path.join('.').replace(/\.(\d+)/g, '[$1]') || '(top)';
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map(
        (key) => `${path === '(top)' ? key : `${path}.${key}`}: unknown setting${likely(key, issue.path)}`,
      );
    }
    return [`${path}: ${allowed(issue)}, got ${show(issue.input)}`];
  });
}

/** The sentence of what is allowed, in words that name the bounds. */
function allowed(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? `is required (${issue.expected})` : `must be ${issue.expected}`;
    case 'too_small':
      return `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'invalid_value':
      return `must be ${issue.values.map((v) => JSON.stringify(v)).join(' or ')}`;
    case 'invalid_union':
      return issue.discriminator ? `has an unknown ${issue.discriminator}` : 'has the wrong form';
    default:
      return issue.message;
  }
}

const show = (value: unknown): string => (value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value)));

/** A suggestion for a misspelt setting, from the names that exist beside it. */
function likely(key: string, path: readonly PropertyKey[]): string {
  const names = settingsAt(path);
  const near = names.find((name) => distance(key.toLowerCase(), name.toLowerCase()) <= 2);
  return near ? `, did you mean "${near}"?` : names.length > 0 ? `, known here: ${names.join(', ')}` : '';
}

function settingsAt(path: readonly PropertyKey[]): string[] {
  const defaults = configSchema.safeParse({ domain: 'example.org' });
  let at: unknown = defaults.data;
  for (const step of path) at = (at as Record<PropertyKey, unknown> | undefined)?.[step];
  return at !== null && typeof at === 'object' && !Array.isArray(at) ? Object.keys(at) : [];
}

/** Levenshtein's edit distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object') {
    for (const child of Object.values(value)) deepFreeze(child);
    Object.freeze(value);
  }
  return value;
}
