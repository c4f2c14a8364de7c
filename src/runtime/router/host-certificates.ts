import type { Engine } from "../../docker/client/engine.ts";
import { stateOfCertificate, type HostCertificate } from "../../model/route-certificates.ts";
import { readCertificates } from "./certificates.ts";
import { readIssueFailures } from "./issue-failures.ts";

/**
 * The certificate that a router has for each of some hosts, and why it has none or not a newer one. The router need not
 * run.
 *
 * @param id of its container
 */
export async function readHostCertificates(
  engine: Engine,
  id: string,
  hosts: readonly string[],
  now = new Date(),
): Promise<HostCertificate[]> {
  const [certificates, failures] = await Promise.all([
    readCertificates(engine, id),
    readIssueFailures(engine, id),
  ]);
  return hosts.map((host) => {
    const certificate = certificates.get(host);
    const state = certificate ? stateOfCertificate(certificate, now) : "missing";
    return { host, certificate, failure: state === "ok" ? undefined : failures.get(host), state };
  });
}
