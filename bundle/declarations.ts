import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, type JSONSchema } from 'json-schema-to-typescript';
import ts from 'typescript';
import * as z from 'zod';
import { configSchema } from '../config/schema';

/**
 * Writes a declaration file for each module that the library is made of, with the documented form of its props: types that
 * zod infers have no place for what a setting is for.
 * @param out folder of the files
 * @param names of the entries in library/
 * @throws Error when the sources have a fault
 */
export async function declarations(out: string, names: readonly string[]): Promise<void> {
  const { config } = ts.readConfigFile('tsconfig.json', (path) => readFileSync(path, 'utf8'));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, '.');
  const entries = names.map((name) => `library/${name}.ts`);
  const program = ts.createProgram(entries, {
    ...options,
    noEmit: false,
    incremental: false,
    tsBuildInfoFile: undefined,
    declaration: true,
    // `npm run check` has looked for faults
    noCheck: true,
    emitDeclarationOnly: true,
    stripInternal: true,
    rootDir: '.',
    outDir: out,
  });
  const { diagnostics } = program.emit();
  if (diagnostics.length > 0) throw new Error(ts.formatDiagnostics(diagnostics, HOST));
  writeFileSync(join(out, 'library/props.d.ts'), await propsText());
}

const HOST: ts.FormatDiagnosticsHost = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => '.',
  getNewLine: () => '\n',
};

/** The settings as an interface: each field with what it is for, its bounds and its default. */
export async function propsText(): Promise<string> {
  const schema = documented(z.toJSONSchema(configSchema, { io: 'input' })) as JSONSchema;
  const text = await compile({ ...schema, title: undefined, description: PROPS }, 'ThreewallProps', {
    bannerComment: '',
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    format: false,
  });
  return text.replace(/\$schema\?: string;?/, '$schema?: string;');
}

const PROPS = 'What an environment says, as people write it: everything but `domain` may be left out.';

/** The schema, with bounds and defaults as part of what is said about a field. */
function documented(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(documented);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, documented(value)]));
  const { description, minimum, maximum, pattern, default: usual, type } = node as Record<string, unknown>;
  // a record of any form is no field of its own
  if (typeof type !== 'string' && description === undefined) return copy;
  const lines = [
    description,
    minimum !== undefined && maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER && `${minimum} to ${maximum}`,
    pattern && !description && `Matches \`${pattern}\``,
    usual !== undefined && `@default ${JSON.stringify(usual)}`,
  ];
  const text = lines.filter(Boolean).join('\n\n').replaceAll('*/', '*\\/');
  return text === '' ? copy : { ...copy, description: text };
}
