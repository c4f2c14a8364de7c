import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ReynsError } from "../../src/errors.ts";
import { parseRootCertificate } from "../../src/install/trust/root-certificate.ts";
import { isPrivateName, privateSuffixes } from "../../src/model/private-names.ts";
import { must } from "../engine/support/images-container.ts";
import { makeAuthority, makeRoot, type Authority } from "./support/authority.ts";

let authority: Authority;
beforeAll(async () => {
  authority = await makeAuthority();
});
afterAll(() => authority[Symbol.asyncDispose]());

function refusal(pem: string, now?: Date): string {
  try {
    parseRootCertificate(pem, now);
  } catch (error) {
    if (error instanceof ReynsError && error.code === "CERTIFICATE_REFUSED") return error.message;
    throw error;
  }
  return "none";
}

describe("the router's root certificate", () => {
  test("is accepted, and limited to the private names that the definition knows", () => {
    const root = parseRootCertificate(authority.pem);
    expect(root.names.toSorted()).toEqual([...privateSuffixes].toSorted());
    expect(root.subject).toMatch(/^Reyns router of shop [0-9a-f]{8}$/);
    const { fingerprint256 } = new X509Certificate(authority.pem);
    expect(root.fingerprint).toBe(fingerprint256.replaceAll(":", "").toLowerCase());
  });

  test("keeps its key where only its owner can read it, and is made once", async () => {
    expect((await stat(join(authority.folder, "root.key"))).mode & 0o777).toBe(0o600);
    const program = join(import.meta.dir, "../../images/router/files/usr/lib/reyns/make-authority");
    await must(program, authority.folder);
    expect(await Bun.file(join(authority.folder, "root.crt")).text()).toBe(authority.pem);
    expect((await readdir(authority.folder)).toSorted()).toEqual(["root.crt", "root.key"]);
  });

  test("can be made for a project with a long name", async () => {
    await using other = await makeAuthority("a-long-name".repeat(9));
    const { subject } = parseRootCertificate(other.pem);
    expect(subject).toMatch(/^Reyns router of a-long-name[a-z-]{28} [0-9a-f]{8}$/);
  });

  test("is refused before and after its time", () => {
    expect(refusal(authority.pem, new Date("2100-01-01"))).toContain("it has expired");
    expect(refusal(authority.pem, new Date("2000-01-01"))).toContain("it is not valid before");
  });
});

describe("another root certificate is refused that", () => {
  const ip = "permitted;IP:10.0.0.0/255.0.0.0";
  test.each([
    ["has no limits", { constraints: undefined }, "it is not limited to private names"],
    ["has limits to pass over", { constraints: `permitted;DNS:lan,${ip}` }, "it is not limited"],
    ["limits addresses only", { constraints: `critical,${ip}` }, "it is not limited"],
    ["limits names only", { constraints: "critical,permitted;DNS:lan" }, "it is not limited"],
    ["may certify .com", { constraints: `critical,permitted;DNS:com,${ip}` }, '"com"'],
    ["may certify all names", { constraints: `critical,permitted;DNS:.,${ip}` }, "not a private"],
    [
      "may certify public addresses",
      { constraints: "critical,permitted;DNS:lan,permitted;IP:0.0.0.0/0.0.0.0" },
      "public addresses",
    ],
    [
      "excludes instead of permitting",
      { constraints: "critical,excluded;DNS:com" },
      "it cannot be read",
    ],
    [
      "permits and excludes",
      { constraints: `critical,permitted;DNS:lan,${ip},excluded;DNS:com` },
      "it cannot be read",
    ],
    [
      "may sign programs",
      { usage: "serverAuth,codeSigning" },
      "not restricted to server certificates",
    ],
    ["may do anything", { usage: undefined }, "not restricted to server certificates"],
    ["is no authority", { ca: "critical,CA:FALSE" }, "not a CA certificate"],
  ])("%s", async (_, options, reason) => {
    expect(refusal(await makeRoot(options))).toContain(reason);
  });

  test("with the router's limits alone is accepted", async () => {
    expect(refusal(await makeRoot())).toBe("none");
  });
});

test.each([
  ["nothing", () => ""],
  ["a text", () => "hello"],
  ["two certificates", () => authority.pem + authority.pem],
  ["a text before the certificate", () => `x\n${authority.pem}`],
  ["other content", () => authority.pem.replace(/\n[^\n]{20}/, `\n${"A".repeat(20)}`)],
  ["more than any certificate has", () => authority.pem.replace("\n", "\n".repeat(20_000))],
])("%s is refused", (_, make) => {
  expect(refusal(make())).toContain("refusing the router's root certificate");
});

test("a certificate with any byte changed is refused, and never a defect", () => {
  const { raw } = new X509Certificate(authority.pem);
  for (const at of raw.keys()) {
    const changed = Buffer.from(raw);
    changed[at] = (changed[at] ?? 0) ^ 0x55;
    const body = changed.toString("base64");
    const pem = `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
    expect(refusal(pem)).not.toBe("none");
  }
});

test("a private name is one that nobody can own", () => {
  const names = ["shop.localhost", "localhost", "A.Internal", "nas.home.arpa", "web.lan"];
  expect(names.filter(isPrivateName)).toEqual(names);
  const others = ["example.com", "localhost.com", "notlocalhost", "arpa", "test.dev", ""];
  expect(others.filter(isPrivateName)).toEqual([]);
});
