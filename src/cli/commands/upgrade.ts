import { access, constants } from "node:fs/promises";
import { dirname } from "node:path";
import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import { createDownloadLine } from "../../ui/progress/download.ts";
import type { Examples } from "../help/help.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { rewriteCompletionFiles } from "../../install/completion-files.ts";
import { download } from "../../install/download.ts";
import { readReceipt, type Receipt, writeReceipt } from "../../install/receipt.ts";
import { checkBaseUrl, checkVersion, findRelease, type Release } from "../../install/releases.ts";
import { replaceExecutable } from "../../install/replace.ts";

export const examples: Examples = [
  ["reyns upgrade", "to the latest release"],
  ["reyns upgrade check", "only reports whether there is one"],
  ["reyns upgrade version=0.1.0", "to this release, or an older one"],
];

export const command = defineCommand({
  meta: {
    name: "upgrade",
    description:
      "Replaces this executable with the latest release, or another one. Works only on an unchanged executable that the installer put in place. Verifies the SHA-256 of the release, and runs it once before it replaces anything.",
  },
  args: {
    version: {
      type: "string",
      valueHint: "VERSION",
      description: "Release to install, older ones too",
    },
    baseUrl: {
      type: "string",
      valueHint: "URL",
      description: "URL of the releases; by default where this one came from",
    },
    check: { type: "boolean", description: "Only report whether there is another release" },
    json: args.json,
  },
  run: async ({ args: { version, baseUrl: otherBaseUrl, check, json } }) => {
    const receipt = await readReceipt(process.execPath, process.env);
    const baseUrl = otherBaseUrl ?? receipt.baseUrl;
    const release = await findRelease({
      baseUrl,
      version: version === undefined ? undefined : checkVersion(version),
      target: receipt.target,
    });
    const upToDate = upToDateText(receipt.version, release.version, version !== undefined);
    const changed = upToDate === undefined && !check;
    if (changed) await upgrade(receipt, release, checkBaseUrl(baseUrl));
    const { file } = receipt;
    if (json) return printJson({ from: receipt.version, to: release.version, changed, file });
    const change = `reyns ${receipt.version} -> ${release.version}`;
    print(upToDate ?? `${change}${check ? "  (check: nothing was changed)" : `  ${file}`}`);
  },
});

/** Explains why nothing is to do. Without a version, a prerelease is never replaced by an older release. */
function upToDateText(current: string, found: string, isRequested: boolean): string | undefined {
  if (current === found) {
    const which = isRequested ? "the requested release" : "the latest release";
    return `reyns ${current} is ${which}: nothing to do`;
  }
  if (!isRequested && Bun.semver.order(current, found) > 0)
    return `reyns ${current} is newer than the latest release, ${found}: nothing to do`;
  return undefined;
}

async function upgrade(receipt: Receipt, release: Release, baseUrl: string): Promise<void> {
  const { file, target } = receipt;
  // Checked before the download, which may be long.
  await access(dirname(file), constants.W_OK);
  const line = createDownloadLine(`reyns ${release.version} for ${target}`);
  const archive = await download(release.url, line.show).finally(line.close);
  const sha256 = await replaceExecutable({ file, target, release, archive });
  const fresh = {
    ...receipt,
    version: release.version,
    sha256,
    baseUrl,
    source: release.url,
    sourceSha256: release.sha256,
    installedAt: new Date().toISOString(),
    installedBy: "reyns upgrade",
  };
  await writeReceipt(fresh, process.env);
  await rewriteCompletionFiles(file, receipt.completionFiles);
}
