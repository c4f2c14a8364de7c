import { dirname, join } from "node:path";
import { suffixOf, type Target } from "./build.ts";

const about: Readonly<Record<Target, string>> = {
  "linux-x64": "Linux, x86-64, glibc",
  "linux-arm64": "Linux, 64-bit ARM, glibc",
  "linux-x64-musl": "Linux, x86-64, musl (Alpine; needs `libstdc++`)",
  "linux-arm64-musl": "Linux, 64-bit ARM, musl (Alpine; needs `libstdc++`)",
  "darwin-x64":
    "macOS, Intel. Its signature is not valid, as it was not made on a Mac; the installer makes one there, by hand: `codesign --force --sign - reyns`",
  "darwin-arm64": "macOS, Apple silicon",
  "windows-x64": "Windows, x86-64: experimental, and without installer",
};

/** What CHANGELOG.md says of a version; of what is not released yet where the version is a prerelease. */
export function changesOf(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const find = (name: string): string | undefined =>
    sections.find((section) => section.startsWith(`[${name}]`));
  const section = find(version) ?? (version.includes("-") ? find("Unreleased") : undefined);
  if (section === undefined) throw new Error(`CHANGELOG.md has no section [${version}]`);
  return section.slice(section.indexOf("\n")).trim();
}

/**
 * The text of a release: how to install it, what has changed, which file is which.
 *
 * @throws Error when CHANGELOG.md says nothing of it
 */
export async function releaseNotes(version: string, targets: readonly Target[]): Promise<string> {
  const changelog = await Bun.file(join(dirname(import.meta.dir), "CHANGELOG.md")).text();
  const rows = targets.map(
    (target) => `| \`reyns-${version}-${target}${suffixOf(target)}.gz\` | ${about[target]} |`,
  );
  return `${changesOf(changelog, version)}

### Install

\`\`\`
curl -fsSL https://github.com/reyns/reyns/releases/download/v${version}/install.sh | sh -s -- --version ${version}
\`\`\`

| file | for |
| --- | --- |
${rows.join("\n")}
| \`SHA256SUMS\` | the sums of all files: \`sha256sum --check --ignore-missing SHA256SUMS\` |
| \`reyns-${version}.cdx.json\` | what is inside, with licences: a CycloneDX SBOM |
`;
}
