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
  ["reyns upgrade check", "only say whether there is one"],
  ["reyns upgrade version=0.1.0", "to this one, older ones too"],
];

export const command = defineCommand({
  meta: {
    name: "upgrade",
    description:
      "Replaces this executable by the latest release, or by another one. Only one that the installer has put in place and nobody has changed; only by what has the SHA-256 that its release names, and runs here.",
  },
  args: {
    version: { type: "string", valueHint: "VERSION", description: "This release, older ones too" },
    baseUrl: {
      type: "string",
      valueHint: "URL",
      description: "Where releases are; else where this one came from",
    },
    check: { type: "boolean", description: "Only say what would be done" },
    json: args.json,
  },
  run: async ({ args: { version: asked, baseUrl, check, json } }) => {
    const version = args.given(asked);
    const receipt = await readReceipt(process.execPath, process.env);
    const release = await findRelease({
      baseUrl: args.given(baseUrl) ?? receipt.baseUrl,
      version: version === undefined ? undefined : checkVersion(version),
      target: receipt.target,
    });
    const nothing = whyNothing(receipt.version, release.version, version !== undefined);
    const isDone = nothing === undefined && !check;
    if (isDone)
      await upgrade(receipt, release, checkBaseUrl(args.given(baseUrl) ?? receipt.baseUrl));
    const { file } = receipt;
    if (json)
      return printJson({ from: receipt.version, to: release.version, changed: isDone, file });
    const change = `reyns ${receipt.version} -> ${release.version}`;
    print(nothing ?? `${change}${check ? "  (nothing was changed: check)" : `  ${file}`}`);
  },
});

function whyNothing(current: string, found: string, isAsked: boolean): string | undefined {
  if (current === found) {
    const which = isAsked ? "the one that was asked for" : "the latest release";
    return `reyns ${current} is ${which}: nothing to do`;
  }
  // A prerelease, say: nobody goes back without a word.
  if (!isAsked && Bun.semver.order(current, found) > 0)
    return `reyns ${current} is newer than the latest release, ${found}: nothing to do`;
  return undefined;
}

async function upgrade(receipt: Receipt, release: Release, baseUrl: string): Promise<void> {
  const { file, target } = receipt;
  // Rather now than after a long download.
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
