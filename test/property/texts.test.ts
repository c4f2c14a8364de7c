import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import * as v from "valibot";
import { readEnvFiles } from "../../src/api/env-file.ts";
import { serviceSchema } from "../../src/api/schema.ts";
import { encodeName } from "../../src/dns/wire/name.ts";
import { readDnsSettings } from "../../src/model/dns-settings.ts";
import { formatKeyFile, readKeyFile } from "../../src/runtime/keys/export-file.ts";
import { createKeySet } from "../../src/runtime/keys/key-set.ts";
import { parseSshKey } from "../../src/runtime/keys/ssh-key.ts";
import { ReynsError, ReynsErrors } from "../../src/errors.ts";
import { resolveEnvironment } from "../../src/plan/resolve/environment.ts";
import { matches } from "../../src/plan/select/match.ts";
import { readConfFile } from "../../src/project/conf/read.ts";
import { readDockerfile } from "../../src/project/services/dockerfile.ts";
import { readHostConf } from "../../src/project/host-conf.ts";
import {
  checkNames,
  checkProjectName,
  hostNameOf,
  toValidName,
} from "../../src/model/host-names.ts";
import { cases } from "../support/random.ts";
import { damagedText, hostileText, hostileValue, refusedOr } from "./support/hostile.ts";

// Random tests take as long as the machine lets them.
setDefaultTimeout(120_000);

const root = join(import.meta.dir, "../..");
const sample = (path: string): string => readFileSync(join(root, path), "utf8");
const at = { file: "/nowhere/reyns.ts", line: 1, column: 1 };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reyns-property-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A file with this text, the same one each time. */
function fileOf(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const labels = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

test("a conf of any text is one, or its mistakes are told with their lines", () => {
  const confs = [
    "demo/default.conf",
    "demo/default-multinode.conf",
    "test/fixtures/older/default.conf",
  ];
  const texts = fc.oneof(hostileText, damagedText(confs.map(sample)), fc.json());
  fc.assert(
    fc.property(texts, (text) => {
      const file = fileOf("default.conf", text);
      try {
        for (const { service, instance } of readConfFile(file, "default").conf.instances)
          checkNames(service, instance, at);
      } catch (error) {
        if (!(error instanceof ReynsError || error instanceof ReynsErrors)) throw error;
        const errors = error instanceof ReynsErrors ? error.errors : [error];
        for (const one of errors) expect(one.code).toBe("INVALID_PROJECT");
      }
    }),
    { numRuns: cases(1500) },
  );
});

test("host.conf likewise", () => {
  const texts = fc.oneof(hostileText, fc.json(), damagedText(['{ "A": "x", # c\n "B": 1, }']));
  fc.assert(
    fc.property(texts, (text) => {
      fileOf("host.conf", text);
      refusedOr(() => readHostConf(folder));
    }),
    { numRuns: cases(500) },
  );
});

test("every line of an env file is a variable, a comment, or an error at its place", () => {
  const good = "A=1\n# c\nexport B=\"two\nlines\" # c\nC='x'\n\nD.e=`f`\nF=${A:-$B}${C+x}$$\n";
  const texts = fc.oneof(hostileText, damagedText([good]));
  fc.assert(
    fc.property(texts, (text) => {
      const file = fileOf("web.env", text);
      const { env, errors } = readEnvFiles([{ path: "web.env", required: true }], folder, at);
      for (const value of Object.values(env)) expect(typeof value).toBe("string");
      const lines = text.split(/\r?\n/);
      for (const { at: place, message } of errors) {
        expect(place?.file).toBe(file);
        expect(place?.line).toBeLessThanOrEqual(lines.length);
        expect(message).not.toMatch(/[^ -~]/);
      }
    }),
    { numRuns: cases(1500) },
  );
});

test("a Dockerfile of any text has facts, or faults", () => {
  const good = [
    "FROM reyns/reyns-base\n# reyns: expose 53/udp\n# reyns: expose 80 as 8080\n# reyns: privileged\nARG BUILDING_UID\n",
    "#UDPEXPOSE 53\nFROM a AS b\nCOPY --from=b \\\n /x /y\nEXPOSE 80-90/tcp 1\nRUN <<E\nFROM no\nE\n",
  ];
  const texts = fc.oneof(hostileText, damagedText(good));
  fc.assert(
    fc.property(texts, fc.boolean(), (text, dockerOps) => {
      const facts = refusedOr(() => readDockerfile(text, "/nowhere/Dockerfile", dockerOps));
      if (!facts || facts.errors.length > 0) return;
      for (const { container, host } of facts.ports)
        for (const port of [container, host]) expect(port > 0 && port < 65_536).toBe(true);
    }),
    { numRuns: cases(1500) },
  );
});

test("names: what passes is a label of DNS, whatever is tried", () => {
  fc.assert(
    fc.property(hostileText, hostileText, (service, instance) => {
      if (checkNames(service, instance, at).length === 0) {
        const host = hostNameOf(service, instance);
        expect(host).toMatch(labels);
        expect(host.length).toBeLessThanOrEqual(63);
      }
      const name = toValidName(service);
      expect(name).toMatch(labels);
      expect(checkProjectName(name)).toBe(name);
      const project = refusedOr(() => checkProjectName(instance));
      if (project !== undefined) expect(project).toMatch(labels);
      const wire = refusedOr(() => encodeName(instance));
      if (wire) expect(wire.length).toBeLessThanOrEqual(255);
      expect(typeof matches(service, instance)).toBe("boolean");
    }),
    { numRuns: cases(1500) },
  );
});

test("an environment is resolved whatever its names and values are", () => {
  const values = fc.dictionary(hostileText, hostileText, { maxKeys: 5 });
  fc.assert(
    fc.property(values, values, values, (asked, caller, interfaces) => {
      const texts = Object.entries(asked).map(([name, text]) => [
        name,
        { kind: "text", text } as const,
      ]);
      const sources = { caller, hostConf: {}, interfaces };
      const resolved = resolveEnvironment(Object.fromEntries(texts), "web-one", sources);
      for (const value of Object.values(resolved.values)) expect(typeof value).toBe("string");
      readDnsSettings(asked);
    }),
    { numRuns: cases(500) },
  );
});

test("the options of service() are read, or refused, whatever they hold", () => {
  const keys = fc.constantFrom(...Object.keys(serviceSchema.entries));
  const options = fc.dictionary(fc.oneof(keys, hostileText), hostileValue, { maxKeys: 6 });
  fc.assert(
    fc.property(options, (given) => void v.safeParse(serviceSchema, given)),
    { numRuns: cases(1500) },
  );
});

test("damaged keys are refused, and none of them is quoted", async () => {
  const keys = createKeySet();
  const file = formatKeyFile({ keys, project: "shop" });
  const secret = keys.user.privateKey.split("\n")[3] ?? "";
  expect(secret.length).toBeGreaterThan(20);
  const ssh = fc.oneof(hostileText, damagedText([keys.user.privateKey]));
  fc.assert(
    fc.property(ssh, (text) => void refusedOr(() => parseSshKey(text))),
    { numRuns: cases(1000) },
  );
  await fc.assert(
    fc.asyncProperty(fc.oneof(hostileText, damagedText([file])), async (text) => {
      try {
        await readKeyFile(fileOf("keys.json", text));
      } catch (error) {
        if (!(error instanceof ReynsError || error instanceof ReynsErrors)) throw error;
        expect(JSON.stringify([error.message, error])).not.toContain(secret);
      }
    }),
    { numRuns: cases(500) },
  );
});
