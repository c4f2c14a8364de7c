import { describe, expect, test } from "bun:test";
import {
  describeCertificateProblem,
  stateOfCertificate,
} from "../../src/model/route-certificates.ts";
import { securedHosts } from "../../src/model/served-routes.ts";
import { parseIssueFailure } from "../../src/runtime/router/issue-failures.ts";

test("the hosts with certificates are those of the router's configuration, whatever that is", () => {
  const policies = [{ subjects: ["a.test", 1] }, { subjects: "b" }, 2, { subjects: ["c.test"] }];
  const config = JSON.stringify({ apps: { tls: { automation: { policies } } } });
  expect(securedHosts(config)).toEqual(["a.test", "c.test"]);
  for (const other of ["", "{", "null", '{"apps":{"http":{}}}', '{"apps":[]}'])
    expect(securedHosts(other)).toEqual([]);
});

test("a certificate is overdue when the router should have renewed it", () => {
  const issuedAt = new Date("2026-01-01T00:00:00Z");
  const expiresAt = new Date("2026-04-01T00:00:00Z");
  const stateAt = (time: string): string =>
    stateOfCertificate({ issuedAt, expiresAt }, new Date(time));
  expect(stateAt("2026-01-01T00:00:00Z")).toBe("ok");
  // A third of the time is left: the router is asking.
  expect(stateAt("2026-03-02T00:00:00Z")).toBe("ok");
  expect(stateAt("2026-03-20T00:00:00Z")).toBe("overdue");
  expect(stateAt("2026-04-01T00:00:00Z")).toBe("expired");
});

test("a certificate's problem is told with its reason, and there is none while it is valid", () => {
  const certificate = {
    host: "a.test",
    issuer: "x",
    issuedAt: new Date("2026-01-01T00:00:00Z"),
    expiresAt: new Date("2026-04-01T00:00:00Z"),
  };
  const failure = { host: "a.test", reason: "wait", message: "m", at: new Date(0) };
  const problemOf = (state: "ok" | "overdue" | "expired" | "missing"): string | undefined =>
    describeCertificateProblem({ host: "a.test", certificate, failure, state });
  expect(problemOf("ok")).toBeUndefined();
  expect(problemOf("overdue")).toBe(
    "the certificate of a.test expires on 2026-04-01 and has not been renewed: wait",
  );
  expect(problemOf("expired")).toBe("the certificate of a.test expired on 2026-04-01: wait");
  expect(problemOf("missing")).toBe("a.test has no certificate yet: wait");
});

describe("a failure to get a certificate", () => {
  const lineOf = (error: string, host = "shop.example.com"): string =>
    JSON.stringify({
      level: "error",
      ts: 1_795_955_790.68,
      logger: "tls.obtain",
      msg: "could not get certificate from issuer",
      identifier: host,
      issuer: "acme.internal:9443-acme-local-directory",
      error,
    });

  test.each([
    ["urn:ietf:params:acme:error:rateLimited - too many", "the authority's rate limit is reached"],
    ["HTTP 400 urn:ietf:params:acme:error:dns - no A record", "does not find the host's address"],
    ["HTTP 400 urn:ietf:params:acme:error:connection - x", "ports 80 and 443 must lead to"],
    ["HTTP 403 urn:ietf:params:acme:error:unauthorized - 404", "another server answers"],
    [
      'Get "https://a/directory": x509: certificate signed by unknown authority',
      "the ACME server's own certificate is not trusted",
    ],
    ['Get "https://a/directory": dial tcp: lookup a: no such host', "ACME server is unknown"],
    ["dial tcp 127.0.0.1:9443: connect: connection refused", "the ACME server cannot be reached"],
    ["something new", "the authority did not issue a certificate"],
  ])("is explained: %s", (error, reason) => {
    const failure = parseIssueFailure(lineOf(error));
    expect(failure).toMatchObject({ host: "shop.example.com", message: error });
    expect(failure?.reason).toContain(reason);
    expect(failure?.at.toISOString()).toBe("2026-11-29T12:36:30.680Z");
  });

  test("is no other line of the log", () => {
    for (const line of [
      "",
      "could not get certificate from issuer",
      '{"msg":"could not get certificate from issuer"}',
      '{"msg":"could not get certificate from issuer","identifier":1,"error":{}}',
      '{"level":"error","msg":"will retry","identifier":"a","error":"b"}',
    ])
      expect(parseIssueFailure(line)).toBeUndefined();
  });
});
