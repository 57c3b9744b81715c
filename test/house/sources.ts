import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

/** Every TypeScript file that people write, from the project's folder: those of git and new ones, imports/ is generated. */
export const sources = (): string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], { encoding: 'utf8' })
    .split('\n')
    .filter((file) => file !== '' && !file.startsWith('imports/') && existsSync(file));

/** Exported declarations without a doc comment, as `line: name`. */
export function undocumented(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return source.statements.flatMap((statement) => {
    const isExported = ts.canHaveModifiers(statement)
      ? ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
      : false;
    if (!isExported || ts.getJSDocCommentsAndTags(statement).length > 0) return [];
    const line = source.getLineAndCharacterOfPosition(statement.getStart()).line + 1;
    return namesOf(statement).map((name) => `${file}:${line}: ${name}`);
  });
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  }
  const { name } = statement as ts.DeclarationStatement;
  return [name?.getText() ?? 'default'];
}

/** The files of the project that load together with one: what it imports, and what that imports, but nothing that waits for a call. */
export function loadedWith(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  for (const statement of source.statements) {
    const from = ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement) ? statement : undefined;
    if (!from?.moduleSpecifier || isOfTypes(from)) continue;
    const name = (from.moduleSpecifier as ts.StringLiteral).text;
    if (name.startsWith('.')) loadedWith(fileOf(file, name), seen);
    else seen.add(name);
  }
  return seen;
}

/** True where nothing is left of it at run time. */
function isOfTypes(statement: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(statement)) return statement.isTypeOnly;
  const { importClause: clause } = statement;
  if (clause?.isTypeOnly) return true;
  const named = clause?.namedBindings;
  return !!named && ts.isNamedImports(named) && !clause.name && named.elements.every((one) => one.isTypeOnly);
}

function fileOf(from: string, specifier: string): string {
  const base = normalize(join(dirname(from), specifier));
  const found = [base, `${base}.ts`, join(base, 'index.ts')].find(
    (path) => existsSync(path) && statSync(path).isFile(),
  );
  if (!found) throw new Error(`${from}: imports ${specifier}, which is no file`);
  return found;
}
