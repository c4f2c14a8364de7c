import { chmod, stat } from "node:fs/promises";
import { join } from "node:path";
import { ReynsError, ReynsErrors } from "../../errors.ts";
import { keysFolder } from "../../model/resource-names.ts";
import { shellQuote } from "../../lib/shell-quote.ts";
import { hasKeys, inspectKeyFiles, readKeys, type KeyFile } from "../keys/store.ts";
import { bad, ok, warning, type Finding } from "./finding.ts";

/** The project's keys: nobody else may use them, and they have to be whole. */
export async function checkKeys(place: { readonly folder: string }): Promise<Finding[]> {
  const folder = keysFolder(place);
  if (!hasKeys(folder)) return [ok("keys", "none yet: the first run makes them")];
  const faulty = (await inspectKeyFiles(folder)).filter(
    ({ problems: faults }) => faults.length > 0,
  );
  if (faulty.length > 0) return faulty.map((file) => toFinding(file, folder));
  try {
    await readKeys(folder);
    return [ok("keys", `in ${folder}, for this user only`)];
  } catch (error) {
    if (!(error instanceof ReynsError) && !(error instanceof ReynsErrors)) throw error;
    const errors = error instanceof ReynsErrors ? error.errors : [error];
    return errors.map(({ message }) =>
      bad("keys", `${message} (in ${folder})`, {
        remedy: "reyns keys import FILE, with those of another node, or reyns keys rotate",
      }),
    );
  }
}

function toFinding({ name, mode, problems: faults }: KeyFile, folder: string): Finding {
  const path = join(folder, name);
  const [fault = ""] = faults;
  const [message = "", command] = fault.split(/: (?=(?:sudo )?ch)/);
  const isOpen = (mode & 0o077) !== 0;
  return bad("keys", message, {
    remedy: command,
    ...(isOpen && { fix: () => revokeOthers(path, mode) }),
  });
}

async function revokeOthers(path: string, mode: number): Promise<string> {
  await chmod(path, mode & 0o700);
  return `chmod go= ${shellQuote(path)}`;
}

/** host.conf may hold passwords. */
export async function checkHostConf({ folder }: { readonly folder: string }): Promise<Finding[]> {
  const path = join(folder, "host.conf");
  const mode = await stat(path).then(
    (stats) => stats.mode & 0o777,
    () => undefined,
  );
  if (mode === undefined || (mode & 0o077) === 0) return [];
  const octal = mode.toString(8).padStart(4, "0");
  const message = `others may use ${path} (mode ${octal}), which may hold passwords`;
  return [
    warning("host.conf", message, {
      remedy: `chmod go= ${shellQuote(path)}`,
      fix: () => revokeOthers(path, mode),
    }),
  ];
}
