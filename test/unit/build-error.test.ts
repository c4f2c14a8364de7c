import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ReynsError } from "../../src/errors.ts";
import type { BuildImage } from "../../src/model/build-image.ts";
import { toBuildError } from "../../src/runtime/build/build-error.ts";

const folder = mkdtempSync(join(tmpdir(), "reyns-build-error-"));
writeFileSync(join(folder, "Dockerfile"), "FROM debian\nCOPY nofile /x\n");
writeFileSync(join(folder, "secret"), "");
afterAll(() => rmSync(folder, { recursive: true }));

const step = {
  image: "shop/web",
  context: { folder, privatePaths: [] },
  dockerfile: "Dockerfile",
} as unknown as BuildImage;

function hintOf(instruction: string, reason: string): string | undefined {
  const refused = new ReynsError("ENGINE_REFUSED", `the Docker Engine refused: ${reason}`);
  const error = toBuildError(step, refused, { instruction, lines: [] });
  return error instanceof ReynsError ? error.hint : undefined;
}

const missing = `nofile does not exist in ${folder}; a build gets no files from elsewhere`;

test.each([
  [
    "the classic builder",
    "COPY failed: file not found in build context or excluded by .dockerignore: stat nofile: file does not exist",
  ],
  ["BuildKit of 20.10", 'failed to compute cache key: "/nofile" not found: not found'],
  [
    "BuildKit of 28",
    'failed to solve: failed to compute cache key: failed to calculate checksum of ref 4pm8::x2k: "/nofile": not found',
  ],
  [
    "BuildKit, for a folder",
    "failed to compute cache key: failed to walk /var/lib/docker/tmp/buildkit-mount35/nofile: lstat /var/lib/docker/tmp/buildkit-mount35/nofile: no such file or directory",
  ],
  [
    "Podman",
    'building at STEP "COPY nofile /x": checking on sources under "/var/tmp/libpod1": copier: stat: "/nofile": no such file or directory',
  ],
])("a COPY names the file and the project's folder that lacks it: %s", (_, reason) => {
  expect(hintOf("COPY nofile /x", reason)).toBe(missing);
});

test("a COPY of an excluded file says that it exists", () => {
  const reason = 'failed to compute cache key: "/secret" not found: not found';
  expect(hintOf("COPY secret /x", reason)).toContain(`secret exists in ${folder}`);
});

test.each([
  ["COPY failed: stat nofile: file does not exist"],
  ["lstat /var/lib/docker/overlay2/44d5b16c80a4/merged/nofile: no such file or directory"],
])("a COPY from a stage names that, not the project's folder: %s", (reason) => {
  expect(hintOf("COPY --from=build /nofile /x", reason)).toBe("/nofile does not exist in build");
});

test("a pattern that matches nothing is named", () => {
  const reason = "COPY failed: no source files were specified";
  expect(hintOf("COPY *.txt /x/", reason)).toBe(`nothing in ${folder} matches *.txt`);
});

test("the reasons of other instructions stay", () => {
  const reason = "lstat /var/lib/docker/overlay2/44d5/merged/x: no such file or directory";
  expect(hintOf("RUN make", reason)).toBe(reason);
});
