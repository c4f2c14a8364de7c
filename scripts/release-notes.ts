import { dirname, join } from "node:path";
import { extensionOf, type Target } from "./build.ts";

const descriptions: Readonly<Record<Target, string>> = {
  "linux-x64": "Linux, x86-64, glibc",
  "linux-arm64": "Linux, 64-bit ARM, glibc",
  "linux-x64-musl": "Linux, x86-64, musl (Alpine; needs `libstdc++`)",
  "linux-arm64-musl": "Linux, 64-bit ARM, musl (Alpine; needs `libstdc++`)",
  "darwin-x64":
    "macOS, Intel. Not signed, because it was not built on a Mac: the installer signs it; to do so by hand: `codesign --force --sign - reyns`",
  "darwin-arm64": "macOS, Apple silicon",
  "windows-x64": "Windows, x86-64: experimental, without an installer",
};

/** The section of CHANGELOG.md for a version; for a prerelease, the section of unreleased changes. */
export function changesOf(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const find = (name: string): string | undefined =>
    sections.find((section) => section.startsWith(`[${name}]`));
  const section = find(version) ?? (version.includes("-") ? find("Unreleased") : undefined);
  if (section === undefined) throw new Error(`CHANGELOG.md has no section [${version}]`);
  return section.slice(section.indexOf("\n")).trim();
}

/**
 * The description of a release: changes, installation, files.
 *
 * @throws Error when CHANGELOG.md has no section for it
 */
export async function releaseNotes(version: string, targets: readonly Target[]): Promise<string> {
  const changelog = await Bun.file(join(dirname(import.meta.dir), "CHANGELOG.md")).text();
  const rows = targets.map(
    (target) =>
      `| \`reyns-${version}-${target}${extensionOf(target)}.gz\` | ${descriptions[target]} |`,
  );
  return `${changesOf(changelog, version)}

### Install

\`\`\`
curl -fsSL https://github.com/reyns/reyns/releases/download/v${version}/install.sh | sh -s -- --version ${version}
\`\`\`

| file | for |
| --- | --- |
${rows.join("\n")}
| \`SHA256SUMS\` | the checksums of all files: \`sha256sum --check --ignore-missing SHA256SUMS\` |
| \`reyns-${version}.cdx.json\` | the packages inside and their licences: a CycloneDX SBOM |
`;
}
