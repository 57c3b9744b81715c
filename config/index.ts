import { FAILSAFE_SCHEMA, loadAll } from 'js-yaml';
import type * as z from 'zod';
import { faultLines } from './faults';
import { rules } from './rules';
import { type Config, configSchema } from './schema';

export type { Config } from './schema';

/** All faults of an environment, one per line. Commands exit with code 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(
    readonly file: string,
    /** One line per fault: path, allowed values, value got. */
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
export const parseConfig = (text: string, file: string): Config => configOf(inputOf(text, file), file);

/** What the text of an environment's file says, not validated. @param file name for messages @throws ConfigError */
export function inputOf(text: string, file: string): unknown {
  try {
    // a file of comments only holds no document
    const [first = {}, ...more] = loadAll(text);
    if (more.length > 0) throw new Error(`one document is wanted, got ${more.length + 1}`);
    return withVariablesAsTyped(first ?? {}, text);
  } catch (error) {
    throw new ConfigError(file, [`not YAML: ${(error as Error).message.split('\n')[0]}`]);
  }
}

/**
 * An environment from what its file says, or from the same settings in code.
 * @param input checked here, whatever it is
 * @param file name for messages
 * @throws ConfigError naming every fault at once
 */
export function configOf(input: unknown, file: string): Config {
  // zod would compile a parser for each group of settings, which takes longer than a thousand configurations gain by it
  const parsed = configSchema.safeParse(input, { jitless: true });
  const faults = parsed.success
    ? rules(parsed.data)
    : [...faultLines(parsed.error.issues, input), ...rules(wholeSections(input, parsed.error.issues))];
  if (!parsed.success || faults.length > 0) throw new ConfigError(file, faults);
  return deepFreeze(parsed.data);
}

/**
 * The values of `app.env` as they stand in the file: YAML reads `1.10` as the number 1.1, `True` as true and `012` as 12,
 * and an app would get another value than the one written.
 */
function withVariablesAsTyped(input: unknown, text: string): unknown {
  const environmentOf = (document: unknown) =>
    (document as { app?: { env?: Record<string, unknown> } } | null)?.app?.env ?? {};
  const env = environmentOf(input);
  const typed = environmentOf(loadAll(text, { schema: FAILSAFE_SCHEMA })[0]);
  for (const [name, value] of Object.entries(env)) {
    if (typeof value === 'number' || typeof value === 'boolean') env[name] = typed[name];
  }
  return input;
}

/** The valid sections, so that faults between settings are reported together with other faults. */
function wholeSections(input: unknown, issues: readonly z.core.$ZodIssue[]): Partial<Config> {
  if (issues.some(({ path, code }) => path.length === 0 && code !== 'unrecognized_keys')) return {};
  const known = withoutUnknown(input, issues);
  const sections = Object.entries(configSchema.shape).flatMap(([name, section]) => {
    const parsed = section.safeParse(known[name]);
    return parsed.success ? [[name, parsed.data]] : [];
  });
  return Object.fromEntries(sections);
}

/** What a program passes may hold anything where there is no setting, a function among them. */
const withoutUnknown = (input: unknown, issues: readonly z.core.$ZodIssue[]): Record<PropertyKey, unknown> =>
  issues.reduce(
    (copy, issue) => (issue.code === 'unrecognized_keys' ? without(copy, issue.path, issue.keys) : copy),
    input as Record<PropertyKey, unknown>,
  );

function without(
  value: Record<PropertyKey, unknown>,
  [step, ...rest]: readonly PropertyKey[],
  keys: readonly string[],
): Record<PropertyKey, unknown> {
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<PropertyKey, unknown>;
  if (step === undefined) for (const key of keys) delete copy[key];
  else copy[step] = without(copy[step] as Record<PropertyKey, unknown>, rest, keys);
  return copy;
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object') {
    for (const child of Object.values(value)) deepFreeze(child);
    Object.freeze(value);
  }
  return value;
}
