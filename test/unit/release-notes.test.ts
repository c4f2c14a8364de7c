import { expect, test } from "bun:test";
import { changesOf, releaseNotes } from "../../scripts/release-notes.ts";

const changelog = `# Changelog

## [Unreleased]

- Something new.

## [0.2.0] - 2026-01-02

### Added

- More.

## [0.1.0] - 2026-01-01

- First.
`;

test.each([
  ["0.1.0", "- First."],
  ["0.2.0", "### Added\n\n- More."],
  ["0.3.0-rc.1", "- Something new."],
])("the changes of %s", (version, changes) => {
  expect(changesOf(changelog, version)).toBe(changes);
});

test("a release that the changelog does not know", () => {
  expect(() => changesOf(changelog, "0.3.0")).toThrow("CHANGELOG.md has no section [0.3.0]");
});

test("the notes say how to install it, and what is special of a file", async () => {
  const notes = await releaseNotes("9.9.9-rc.1", ["linux-x64-musl", "darwin-x64", "windows-x64"]);
  expect(notes).toContain("/download/v9.9.9-rc.1/install.sh | sh -s -- --version 9.9.9-rc.1");
  expect(notes).toContain(
    "| `reyns-9.9.9-rc.1-windows-x64.exe.gz` | Windows, x86-64: experimental",
  );
  expect(notes).toContain("Not signed");
});
