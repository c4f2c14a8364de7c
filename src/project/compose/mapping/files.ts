import { resolve } from "node:path";
import type { FileInput, SecretInput } from "../../../api/files.ts";
import type { MountInput } from "../../../api/mount-options.ts";
import type { ComposeFileMount } from "../compose-file.ts";
import { refuse, type MappedEntry, type ServiceContext } from "./context.ts";

/** Secrets and configs of a service: files of the host are mounted, as in Compose, and texts are copied in. */
export interface MappedFiles {
  readonly mounts: readonly MappedEntry<MountInput>[];
  /** Path in the container -> the file. */
  readonly copies: Readonly<Record<string, FileInput>>;
  /** Those of the caller's variables, by their names in the file. */
  readonly secrets: Readonly<Record<string, SecretInput>>;
}

export function mapFiles(context: ServiceContext): MappedFiles {
  const mounts: MappedEntry<MountInput>[] = [];
  const copies: Record<string, FileInput> = {};
  const secrets: Record<string, SecretInput> = {};
  for (const kind of ["secrets", "configs"] as const)
    for (const [index, use] of (context.service[kind] ?? []).entries()) {
      const { file, content, environment } = context.file[kind]?.[use.source] ?? {};
      const target = fileTarget(kind, use);
      if (file !== undefined)
        mounts.push({
          path: [kind, index],
          value: { type: "bind", source: context.pathOf(file), target, readOnly: true },
        });
      else if (content !== undefined && kind === "configs") copies[target] = copyOf(use, content);
      else if (environment !== undefined && kind === "secrets")
        secrets[use.source] = { environment, ...secretTarget(use), ...ownerOf(use) };
      else refuse(context, [kind, index], missingHint(environment), kind);
    }
  return { mounts, copies, secrets };
}

function missingHint(environment: string | undefined): string {
  return environment === undefined ? "give it as file:" : `set the variable ${environment}`;
}

/** Where a secret or a config is in the container. */
export function fileTarget(
  kind: "secrets" | "configs",
  { source, target = source }: ComposeFileMount,
): string {
  return resolve(kind === "secrets" ? "/run/secrets" : "/", target);
}

function secretTarget({ source, target }: ComposeFileMount): { readonly target?: string } {
  return target === undefined || target === `/run/secrets/${source}` ? {} : { target };
}

function copyOf(use: ComposeFileMount, content: string): FileInput {
  return { content, mode: "0444", ...ownerOf(use) };
}

function ownerOf({ mode, uid, gid }: ComposeFileMount) {
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(uid === undefined ? {} : { uid: Number(uid) }),
    ...(gid === undefined ? {} : { gid: Number(gid) }),
  };
}
