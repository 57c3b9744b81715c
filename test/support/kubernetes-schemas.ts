import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import Ajv, { type ValidateFunction } from 'ajv/dist/2020';
import type { Manifest } from '../../reachability/manifest';

// without importing it, which takes longer than all that is read here
const WHERE = `from importlib.util import find_spec
print(find_spec('kubernetes_validate').submodule_search_locations[0])`;

/**
 * The folder of the OpenAPI schemas that the program kubernetes-validate brings along; undefined without it. The program
 * itself parses a megabyte of definitions for each object.
 */
export function schemaFolder(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const program = folders.map((folder) => join(folder, 'kubernetes-validate')).find((path) => existsSync(path));
  if (!program) return undefined;
  // pipx and venv give it a Python of its own; a shim of pyenv names none
  const [, python = 'python3'] = /^#!(\S*python\S*)$/m.exec(readFileSync(program, 'utf8')) ?? [];
  const { stdout, status } = spawnSync(python, ['-c', WHERE], { encoding: 'utf8' });
  return status === 0 ? join(stdout.trim(), 'kubernetes-json-schema') : undefined;
}

/**
 * Faults that the schemas of a version of Kubernetes find, a line each. A field that it does not know is a fault, and so is
 * a kind.
 * @param version minor version, like `1.36`
 */
export function faultFinder(schemas: string, version: string): (manifests: readonly Manifest[]) => string[] {
  const folder = readdirSync(schemas).find((name) => name.startsWith(`v${version}.`) && name.endsWith('-local-strict'));
  if (!folder) throw new Error(`${schemas}: no schemas of Kubernetes ${version} (pip install -U kubernetes-validate)`);
  const read = (name: string) => JSON.parse(readFileSync(join(schemas, folder, name), 'utf8'));
  // formats name widths of numbers, which JSON does not distinguish
  const ajv = new Ajv({ strict: false, validateFormats: false, code: { optimize: false } });
  ajv.addSchema(read('_definitions.json'));
  const validators = new Map<string, ValidateFunction>();
  const validatorOf = (name: string): ValidateFunction => {
    const validate = validators.get(name) ?? ajv.compile(read(name));
    validators.set(name, validate);
    return validate;
  };
  const faultOf = (manifest: Manifest): string | undefined => {
    const { apiVersion, kind, metadata } = manifest;
    const name = `${kind.toLowerCase()}-${apiVersion.replace(/^([^./]*)(\.[^/]*)?\//, '$1-')}.json`;
    if (!existsSync(join(schemas, folder, name))) return `${apiVersion} ${kind}: no such kind`;
    const validate = validatorOf(name);
    // as it is written: without fields that are undefined
    if (validate(JSON.parse(JSON.stringify(manifest)))) return undefined;
    return `${kind} ${metadata.name}: ${ajv.errorsText(validate.errors, { dataVar: '' })}`;
  };
  return (manifests) => manifests.flatMap((manifest) => faultOf(manifest) ?? []);
}
