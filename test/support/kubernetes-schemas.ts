import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { type ValidateFunction } from 'ajv/dist/2020';
import type { Manifest } from '../../reachability/manifest';

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
