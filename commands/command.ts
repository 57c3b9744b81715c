import { type ParseArgsConfig, parseArgs } from 'node:util';
import { ClusterError } from './cluster/kubectl';

/** The command line or a file named in it is wrong. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Definition of a command line. */
export interface Usage<T extends NonNullable<ParseArgsConfig['options']>> {
  /** Printed for --help and below a wrong command line. */
  readonly text: string;
  /** Options in the format of node:util. @default - no options */
  readonly options?: T;
  /**
   * Minimum and maximum of positional words. @default - one environment; without it the command lists the existing ones
   */
  readonly words?: readonly [fewest: number, most: number];
}

let program: string | undefined;

/** Says that the commands of this process were typed as words of one program, whose name their usage then shows. */
export function typedAs(name: string): void {
  program = name;
}

/** A usage text as it is typed: `npm run up -- ENV` is `threewall up ENV`. */
const shown = (text: string): string =>
  program === undefined
    ? text
    : text
        .replace(/npm run (?:-s )?([a-z:-]+)(?: --)?/g, (_, name: string) => `${program} ${name.replace(':', '-')}`)
        .replaceAll('[-- --', '[--');

/**
 * Runs a command: parses its arguments, and turns an error into one message and an exit code: 2 for UsageError and
 * ConfigError, 1 for all others, which concern the cluster. A command imports its work when it runs, so that --help
 * answers at once.
 * @param run gets the positional words and the options; returns the exit code. @default 0
 */
export async function command<T extends NonNullable<ParseArgsConfig['options']>>(
  usage: Usage<T>,
  run: (
    words: readonly string[],
    values: ReturnType<typeof parseArgs<{ options: T }>>['values'],
    // biome-ignore lint/suspicious/noConfusingVoidType: what a function without a return statement returns
  ) => Promise<number | void>,
): Promise<void> {
  try {
    if (process.argv.slice(2).some((word) => word === '--help' || word === '-h')) {
      console.log(shown(usage.text));
      return;
    }
    const { positionals, values } = await parse({ ...usage, text: shown(usage.text) });
    process.exitCode = (await run(positionals, values)) ?? 0;
  } catch (error) {
    const { name, message, stack } = error as Error;
    const bad = name === 'UsageError' || name === 'ConfigError';
    process.exitCode = bad ? 2 : 1;
    console.error(`error: ${message}`);
    if (!bad && !(error instanceof ClusterError) && process.env.DEBUG) console.error(stack);
  }
}

async function parse<T extends NonNullable<ParseArgsConfig['options']>>({ text, options, words = [0, 1] }: Usage<T>) {
  const parsed = await parsedBy(text, options);
  const { length } = parsed.positionals;
  const [fewest, most] = words;
  if (length < fewest) throw new UsageError(`an argument is missing\n${text}`);
  if (length > most) throw new UsageError(`too many arguments: ${parsed.positionals.join(', ')}\n${text}`);
  return parsed;
}

async function parsedBy<T extends NonNullable<ParseArgsConfig['options']>>(text: string, options?: T) {
  try {
    return parseArgs({ options: options as T, allowPositionals: true });
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError(`${message.split('. ')[0]}${await meant(message, Object.keys(options ?? {}))}\n${text}`);
  }
}

/** What was probably meant by an option that there is not. */
async function meant(message: string, names: readonly string[]): Promise<string> {
  const [, typed] = /^Unknown option '--([^'=]+)/.exec(message) ?? [];
  if (!typed) return '';
  const { nearest } = await import('../config/nearest');
  const near = nearest(typed, [...names, 'help']);
  return near ? `, did you mean --${near}?` : '';
}

/** Seconds of a duration like "10m", "90s" or "600". @throws UsageError naming the option */
export function seconds(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text);
  const value = match ? Number(match[1]) * { s: 1, m: 60, h: 3600 }[(match[2] ?? 's') as 's' | 'm' | 'h'] : 0;
  if (value <= 0) throw new UsageError(`${option}: must be a time like "10m" or "90s", got "${text}"`);
  return value;
}
