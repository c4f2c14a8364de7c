import type { ShellHelpers } from "../../api/shell.ts";

/** The names that the module "reyns" has of zx. */
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

const ownImport = /\bimport\s+(?:type\s+)?\{([^}]*)\}\s*from\s*["']reyns["']/g;
const anyMention = /["'`]reyns["'`]/g;
/** Another file may use zx without this one's naming it; Bun's and Node's own do not. */
const otherImport =
  /\bimport\s*\(|\brequire\b|\b(?:from|import)\s*["'](?!reyns["']|node:|bun["':])/;

/**
 * Whether a `reyns.ts` may use zx, which takes longer to load than all the rest of it: only a file that is seen to take
 * nothing of it does without.
 */
export function mayUseShell(text: string): boolean {
  if (otherImport.test(text)) return true;
  const clauses = [...text.matchAll(ownImport)].map(([, names = ""]) => names);
  const mentions = text.match(anyMention)?.length ?? 0;
  if (clauses.length !== mentions) return true;
  const taken = clauses.flatMap((names) => names.split(",")).map((name) => name.trim());
  return taken.some((name) => shellNames.includes(name.split(/\s/)[0] ?? ""));
}
