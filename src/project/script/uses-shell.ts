import type { ShellHelpers } from "../../api/shell.ts";

/** The exports of zx that the module "reyns" has, too. */
export const shellNames = Object.keys({
  $: true,
  cd: true,
  within: true,
  question: true,
  glob: true,
  which: true,
  sleep: true,
  retry: true,
  expBackoff: true,
  spinner: true,
  echo: true,
  quote: true,
  tmpdir: true,
  fs: true,
  path: true,
  os: true,
  YAML: true,
} satisfies Record<keyof ShellHelpers, true>);

const reynsImport = /\bimport\s+(?:type\s+)?\{([^}]*)\}\s*from\s*["']reyns["']/g;
const anyMention = /["'`]reyns["'`]/g;
/** An imported file may use zx; modules of Bun and Node do not. */
const otherImport =
  /\bimport\s*\(|\brequire\b|\b(?:from|import)\s*["'](?!reyns["']|node:|bun["':])/;

/**
 * Whether a `reyns.ts` may use zx, which takes longer to load than everything else: false only if its imports prove that
 * it does not.
 */
export function mayUseShell(text: string): boolean {
  if (importsOwnFiles(text)) return true;
  const clauses = [...text.matchAll(reynsImport)].map(([, names = ""]) => names);
  const mentions = text.match(anyMention)?.length ?? 0;
  if (clauses.length !== mentions) return true;
  const imported = clauses.flatMap((names) => names.split(",")).map((name) => name.trim());
  return imported.some((name) => shellNames.includes(name.split(/\s/)[0] ?? ""));
}

/** Whether it may import modules besides "reyns" and those of Bun and Node. */
export function importsOwnFiles(text: string): boolean {
  return otherImport.test(text);
}
