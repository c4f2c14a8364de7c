import { basename } from "node:path";
import { print, printJson } from "../../../ui/output/print.ts";
import { receiptNamespace } from "../../../model/receipt.ts";
import { guessProjectName } from "../../../project/guess-name.ts";
import { receiptAuthority } from "../../../runtime/receipts/store.ts";
import { locateProject } from "../../common/context.ts";
import type { KeysOptions } from "./options.ts";

/**
 * Prints the line with which `ssh-keygen -Y verify` accepts the receipts of this project.
 *
 * @see https://man.openbsd.org/ssh-keygen#ALLOWED_SIGNERS
 */
export async function showSigners({ json }: KeysOptions): Promise<void> {
  const place = await locateProject();
  const { publicKey } = await receiptAuthority(place);
  const project = (await guessProjectName(place, process.env)) ?? basename(place.folder);
  const [kind, key] = publicKey.split(" ");
  const line = `${project} namespaces="${receiptNamespace}" ${kind} ${key}`.trimEnd();
  if (json)
    printJson({ principal: project, namespace: receiptNamespace, publicKey: publicKey.trimEnd() });
  else print(line);
}
