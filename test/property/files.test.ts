import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { readPlan } from "../../src/cli/commands/run/plan-file.ts";
import { formatCandidates, shells } from "../../src/cli/completion/format.ts";
import { splitLine } from "../../src/cli/completion/split-line.ts";
import { readBuildStatus } from "../../src/docker/images/buildkit-status.ts";
import { createLogReader } from "../../src/docker/streams/log-lines.ts";
import { ReynsError } from "../../src/errors.ts";
import { readReceipt } from "../../src/install/receipt.ts";
import { findRelease } from "../../src/install/releases.ts";
import { interpolate } from "../../src/lib/interpolate.ts";
import { packTar, readTar } from "../../src/lib/tar.ts";
import { namesInScript } from "../../src/project/static-names.ts";
import { readContextRules } from "../../src/runtime/build/context-rules.ts";
import { inspectLock } from "../../src/runtime/lock/project-lock.ts";
import { cases } from "../support/random.ts";
import { damagedBytes, damagedText, hostileText, refusedOr } from "./support/hostile.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reyns-property-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What asynchronous work gives, or undefined when it refuses as people can read it. */
async function refusedLater<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ReynsError) return undefined;
    throw error;
  }
}

test("a receipt of any text belongs to the running executable, or is refused", async () => {
  const file = join(folder, "reyns/receipt.json");
  mkdirSync(join(folder, "reyns"));
  const good = {
    ...{ schema: 1, version: "0.1.0", target: "linux-x64", file: "/nowhere/reyns", sha256: "0" },
    ...{ baseUrl: "https://a", source: "https://a/b", sourceSha256: "0", installedAt: "" },
    ...{ installedBy: "install.sh", shellFiles: [], completionFiles: [] },
  };
  const texts = fc.oneof(hostileText, fc.json(), damagedText([JSON.stringify(good)]));
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      writeFileSync(file, text);
      const env = { XDG_DATA_HOME: folder };
      expect(await refusedLater(() => readReceipt(process.execPath, env))).toBeUndefined();
    }),
    { numRuns: cases(300) },
  );
});

test("a list of checksums of any text names one executable, or is refused", async () => {
  let list = "";
  using server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response(list) });
  const line = `${"0".repeat(64)}  reyns-0.1.0-linux-x64.gz\n`;
  const query = { baseUrl: server.url.href, version: undefined, target: "linux-x64" };
  await fc.assert(
    fc.asyncProperty(fc.oneof(hostileText, damagedText([line, line + line])), async (text) => {
      list = text;
      const release = await refusedLater(() => findRelease(query));
      if (!release) return;
      expect(release.sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(new URL(release.url).origin).toBe(server.url.origin);
      expect(release.url).toMatch(/^[!-~]+\.gz$/);
      expect(release.url).not.toContain("..");
    }),
    { numRuns: cases(300) },
  );
});

test("rules of a .dockerignore decide on every name, and never leave out the Dockerfile", async () => {
  const good = "# c\n*\n!src\n**/node_modules\n[a-z]?\\*\n!/a/../b\n";
  const names = fc.oneof(fc.constantFrom("src/a", "a.ts", "node_modules/b/c"), fc.string());
  await fc.assert(
    fc.asyncProperty(fc.oneof(hostileText, damagedText([good])), names, async (text, name) => {
      writeFileSync(join(folder, ".dockerignore"), text);
      const rules = await refusedLater(() => readContextRules(folder, "Dockerfile", []));
      if (!rules) return;
      // Names of files below the context.
      const path = name.replaceAll(/[\0\\]|^[./]+|\/\.*(?=\/|$)/g, "") || "a";
      expect(typeof rules.includes(path)).toBe("boolean");
      expect(rules.includes("Dockerfile")).toBe(true);
    }),
    { numRuns: cases(500) },
  );
});

test("a text with variables ends, and quotes no value in its errors", () => {
  const good = ["$A ${B:-x${C:-${D}}} ${E:?no} $$ ${F+${G}}", "${".repeat(50)];
  fc.assert(
    fc.property(fc.oneof(hostileText, damagedText(good)), (text) => {
      const { errors } = interpolate(text, (name) => (name < "C" ? "s3cret" : undefined));
      for (const { message, hint } of errors) expect(message + hint).not.toContain("s3cret");
    }),
    { numRuns: cases(1000) },
  );
});

test("progress and logs of any bytes are read to their end", () => {
  const logLine = Buffer.concat([
    Buffer.from([1, 0, 0, 0, 0, 0, 0, 36]),
    Buffer.from("2026-01-02T03:04:05.123456789Z line\n"),
  ]);
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), damagedBytes([logLine]));
  fc.assert(
    fc.property(bytes, fc.nat(300), (whole, cut) => {
      readBuildStatus(Buffer.from(whole).toString("base64"));
      const reader = createLogReader(({ text, time }) => expect([text, time]).toBeArray());
      reader.push(Buffer.from(whole.subarray(0, cut)));
      reader.push(Buffer.from(whole.subarray(cut)));
      reader.end();
    }),
    { numRuns: cases(1000) },
  );
});

test("an archive has names below its folder, or is refused", async () => {
  const entry = { type: "file", mode: 0o644, linkname: undefined, content: Buffer.from("x") };
  const link = { ...entry, name: "a/l", type: "symlink", linkname: "b", content: Buffer.alloc(0) };
  const packed = packTar([{ ...entry, name: "a/b" } as never, link as never]);
  const good = Buffer.concat(await Array.fromAsync(packed));
  const names = fc.oneof(hostileText, fc.constantFrom("../x", "a/../../x", "/x", "a\\..\\x"));
  const writeName = (at: number, name: string): Buffer => {
    const bytes = Buffer.from(good);
    bytes.fill(0, at, at + 100).write(name.slice(0, 90), at);
    bytes.fill(" ", 148, 156);
    const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return bytes;
  };
  const archives = fc.oneof(
    damagedBytes([good]),
    names.map((name) => writeName(0, name)),
  );
  await fc.assert(
    fc.asyncProperty(archives, async (bytes) => {
      const entries = await readTar(bytes, "").catch((error: Error) => {
        expect(error.message).not.toBe("");
        return [];
      });
      for (const { name } of entries) expect(join("/top", name)).toStartWith("/top");
    }),
    { numRuns: cases(500) },
  );
});

test("names in a reyns.ts, a saved plan and a lock of any text are found, or there are none", () => {
  const good = [
    'service("web", { instance: "one" }); // c\ntask("t", "u", () => 1);',
    '{"format":1,"project":"a","folder":"/a","conf":"default","selections":[],"keep":false,"prune":false,"operations":[]}',
    '{"pid":1,"user":"a","host":"b","command":"run","since":"2026-01-01T00:00:00Z","unfinished":true}',
  ];
  mkdirSync(join(folder, ".reyns"));
  fc.assert(
    fc.property(fc.oneof(hostileText, fc.json(), damagedText(good)), (text) => {
      for (const { instance } of namesInScript(text).instances) expect(instance).not.toBe("");
      writeFileSync(join(folder, "plan.json"), text);
      refusedOr(() => readPlan(join(folder, "plan.json")));
      writeFileSync(join(folder, ".reyns/lock"), text);
      expect(typeof inspectLock(join(folder, ".reyns")).previousRunFailed).toBe("boolean");
    }),
    { numRuns: cases(500) },
  );
});

test("a completion is one line, and a shell reads it as one word", () => {
  const lines = fc.oneof(
    hostileText,
    damagedText(["reyns run web --conf=", "reyns keys import 'a ", 'reyns ps "$(id)']),
  );
  fc.assert(
    fc.property(lines, fc.array(hostileText, { maxLength: 4 }), (line, names) => {
      const typed = splitLine(line, " \t\n\"'><=;|&(:");
      for (const shell of shells)
        for (const shown of formatCandidates(
          shell,
          names.map((text) => ({ text: typed.current + text })),
          typed,
        ))
          expect(shown.replaceAll("\t", "")).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    }),
    { numRuns: cases(1000) },
  );
});
