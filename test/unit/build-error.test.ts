import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ReynsError } from "../../src/errors.ts";
import type { BuildImage } from "../../src/model/build-image.ts";
import { toBuildError } from "../../src/runtime/build/build-error.ts";

const folder = mkdtempSync(join(tmpdir(), "reyns-build-error-"));
writeFileSync(
  join(folder, "Dockerfile"),
  "FROM debian\nCOPY nofile /x\nARG X\nFROM acme/$X AS b\nCOPY --from=acme/other:2 /x /x\n",
);
writeFileSync(join(folder, "secret"), "");
afterAll(() => rmSync(folder, { recursive: true }));

const step = {
  image: "shop/web",
  context: { folder, privatePaths: [] },
  dockerfile: "Dockerfile",
  bases: ["debian", "acme/base"],
} as unknown as BuildImage;

const known = ["debian:latest", "kiosk/web:1"];

function errorOf(instruction: string, reason: string): ReynsError {
  const refused = new ReynsError("ENGINE_REFUSED", `the Docker Engine refused: ${reason}`);
  return toBuildError(step, refused, { instruction, lines: [] }, known) as ReynsError;
}

function hintOf(instruction: string, reason: string): string | undefined {
  return errorOf(instruction, reason).hint;
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

const unreachable = "dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: no such host";

test.each([
  ["FROM acme/${X} AS b", `Get "https://registry-1.docker.io/v2/": ${unreachable}`, "acme/base", 4],
  [
    "FROM docker.io/acme/base:latest",
    `failed to do request: Head "https://registry-1.docker.io/v2/acme/base/manifests/latest": ${unreachable}`,
    "acme/base",
    4,
  ],
  [
    "FROM acme/base",
    "pull access denied for acme/base, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    "acme/base",
    4,
  ],
  [
    "",
    `failed to load cache key: failed to do request: Head "https://registry-1.docker.io/v2/acme/other/manifests/2": ${unreachable}`,
    "acme/other:2",
    5,
  ],
  ["", "failed to solve: docker.io/acme/other:2: not found", "acme/other:2", 5],
  [
    "COPY --from=acme/other:2 /x /x",
    `invalid from flag value acme/other:2: Get "https://registry-1.docker.io/v2/": ${unreachable}`,
    "acme/other:2",
    5,
  ],
])(
  "a base image that nobody has is named at its line, beside the registry's words: %s %s",
  (instruction, reason, image, line) => {
    const { message, hint, at, output } = errorOf(instruction, reason);
    expect(hint).toBe(
      `the image ${image} is not on the Engine, and cannot be pulled\ncheck its name, or bring it here with docker pull ${image}, or with docker load`,
    );
    expect(at).toEqual({ file: join(folder, "Dockerfile"), line });
    expect(output).toEqual([reason.replace("failed to solve: ", "")]);
    expect(message).toStartWith("building shop/web failed at ");
  },
);

test("a registry that has a base image no longer is not mistaken for an Engine without it", () => {
  const reason = `Get "https://registry-1.docker.io/v2/": ${unreachable}`;
  expect(hintOf("FROM debian", reason)).toStartWith("the image debian cannot be pulled\n");
});

test("an image that only the builder needs is named, and none of the Dockerfile's is blamed for it", () => {
  const reason = `failed to resolve source metadata for docker.io/docker/dockerfile:1: failed to authorize: failed to fetch anonymous token: Get "https://auth.docker.io/token": ${unreachable}`;
  const { hint, output } = errorOf("", reason);
  expect(hint).toStartWith("the image docker/dockerfile:1 is not on the Engine, and cannot be");
  expect(output).toEqual([reason]);
});

test.each([
  ["FROM debian", "it exited with status 1"],
  [
    "",
    "failed to fetch remote https://github.com/acme/app.git: fatal: Authentication failed for 'https://github.com/acme/app.git/'",
  ],
  ["", `error getting credentials - err: exit status 1, out: "https://index.docker.io/v1/"`],
  ["RUN --mount=type=secret,id=npm/token,required make", "secret npm/token: not found"],
  ["FROM acme/None", "invalid reference format: repository name must be lowercase"],
  ["", "dockerfile parse error line 2: unknown instruction: RUM"],
])(
  "what fails for another reason is not taken for a missing image: %s %s",
  (instruction, reason) => {
    expect(hintOf(instruction, reason)).toBe(reason);
  },
);

test("a name that BuildKit cannot read is reported at its line", () => {
  const reason = 'failed to parse stage name "acme/": invalid reference format';
  expect(errorOf("", reason)).toMatchObject({ at: { line: 4 }, hint: reason });
});
