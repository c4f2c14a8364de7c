// Who trusts a router's root certificate in trust.test.ts: users with stores of their own, and machines.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type Container,
  must,
  type Output,
  startContainer,
  temporaryFolder,
} from "../../engine/support/images-container.ts";
import type { Project } from "./project.ts";
import { installation } from "./reyns.ts";

export interface User extends AsyncDisposable {
  readonly home: string;
  trust(words?: string): Promise<Output>;
}

/** A user with an empty home, or one with a browser that has been used. */
export async function createUser(project: Project, { browser = true } = {}): Promise<User> {
  const folder = await temporaryFolder();
  const home = folder.path;
  if (browser) {
    await mkdir(join(home, ".pki/nssdb"), { recursive: true });
    await must("certutil", "-d", `sql:${home}/.pki/nssdb`, "-N", "--empty-password");
  }
  return {
    home,
    trust: (words = "") =>
      project.reyns(`trust system=false ${words}`.trim(), { env: { HOME: home } }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** A Debian of its own with the executable, and the Engine and the project of this machine. */
export async function startMachine(project: Project, image: string): Promise<Container> {
  const { executable } = await installation();
  return startContainer(image, {
    entrypoint: "sleep",
    command: ["infinity"],
    flags: [
      ...["--network", "host", "--workdir", project.folder],
      ...["--volume", `${executable}:/usr/bin/reyns:ro`],
      ...["--volume", `${project.folder}:${project.folder}`],
      ...["--volume", "/var/run/docker.sock:/var/run/docker.sock"],
    ],
  });
}

/** The file of an authority that may certify any name. */
export async function makeUnlimitedRoot(folder: string): Promise<string> {
  const file = join(folder, "other.crt");
  await must(
    ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    ...["-nodes", "-keyout", "/dev/null", "-subj", "/CN=other", "-days", "30"],
    ...["-addext", "extendedKeyUsage=serverAuth", "-out", file],
  );
  return file;
}
