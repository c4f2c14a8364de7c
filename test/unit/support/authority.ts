import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "../../engine/support/images-container.ts";

const program = join(import.meta.dir, "../../../images/router/files/usr/lib/reyns/make-authority");

/** A root certificate as the router makes it, in a folder of its own. */
export interface Authority extends AsyncDisposable {
  readonly folder: string;
  readonly pem: string;
}

export async function makeAuthority(project = "shop"): Promise<Authority> {
  const outer = await mkdtemp(join(tmpdir(), "reyns-authority-"));
  const folder = join(outer, "authority");
  await must("env", `PROJECT=${project}`, program, folder);
  const pem = await readFile(join(folder, "root.crt"), "utf8");
  return { folder, pem, [Symbol.asyncDispose]: () => rm(outer, { recursive: true, force: true }) };
}

const permitted = "critical,permitted;DNS:localhost,permitted;IP:10.0.0.0/255.0.0.0";

interface RootOptions {
  readonly ca?: string;
  /** Undefined for none. */
  readonly constraints?: string | undefined;
  readonly usage?: string | undefined;
  readonly days?: number;
}

/** Any other root certificate; like the router's where nothing is given. */
export async function makeRoot(options: RootOptions = {}): Promise<string> {
  const { ca = "critical,CA:TRUE", days = 30 } = options;
  const extensions = {
    basicConstraints: ca,
    nameConstraints: "constraints" in options ? options.constraints : permitted,
    extendedKeyUsage: "usage" in options ? options.usage : "serverAuth",
  };
  const added = Object.entries(extensions).flatMap(([name, value]) =>
    value === undefined ? [] : ["-addext", `${name}=${value}`],
  );
  return must(
    ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    ...["-nodes", "-keyout", "/dev/null", "-subj", "/CN=other", "-days", String(days), ...added],
  );
}
