import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { must, temporaryFolder } from "../engine/support/images-container.ts";
import { makeCertificates } from "./support/certificates.ts";
import { type Node, type Nodes, startNodes, whyNoNodes } from "./support/nodes.ts";
import { createProject, type Project } from "./support/project.ts";
import { type SshServer, startSshd } from "./support/sshd.ts";

setDefaultTimeout(240_000);

const reason = await whyNoNodes();

/** A server of HTTP without anything of ours running beside it. What looks whether it lives asks nothing, and is gone. */
const http =
  '$SIG{PIPE} = "IGNORE"; use IO::Socket; my $s = IO::Socket::INET->new(LocalPort => 80, Listen => 9, ReuseAddr => 1); while (my $c = $s->accept) { my $l = <$c>; print $c $l =~ m{/up } ? "HTTP/1.1 200 OK\\r\\n\\r\\n" : "HTTP/1.1 404 No\\r\\n\\r\\n"; close $c }';

const definition = `import { dns, link, ready, service } from "reyns";
const ns = dns();
const plain = { image: "reyns/reyns-common", entrypoint: ["perl", "-e", ${JSON.stringify(http)}] };
const web = service("web", { ...plain, instance: "one", ready: ready.http(80, "/up") });
service("shell", { image: "reyns/reyns-base", instance: "one", ready: ready.tcp(22), links: [link(ns, "dns"), link(web)] });
`;

describe.skipIf(reason !== undefined)(`Engines elsewhere${reason ? `: ${reason}` : ""}`, () => {
  let project: Project;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let certificates: Awaited<ReturnType<typeof makeCertificates>>;
  let nodes: Nodes<"far">;
  let far: Node;
  let sshd: SshServer;
  /** By ssh, from where no network leads to the Engine's containers. */
  let env: Readonly<Record<string, string>>;

  beforeAll(async () => {
    project = await createProject({ "reyns.ts": definition });
    await project.must("init");
    folder = await temporaryFolder();
    certificates = await makeCertificates(folder.path, ["192.168.77.1"]);
    const { server } = certificates;
    nodes = await startNodes(["far"], {
      images: ["reyns/reyns-common", "reyns/reyns-base", "reyns/reyns-dns"],
      project: project.folder,
      engineFlags: (address) => [
        ...["--host", `tcp://${address}:2376`, "--tlsverify", "--tlscacert", `${server}/ca.pem`],
        ...["--tlscert", `${server}/cert.pem`, "--tlskey", `${server}/key.pem`],
      ],
    });
    ({ far } = nodes.node);
    sshd = await startSshd();
    env = {
      ...sshd.env,
      DOCKER_HOST: far.env["DOCKER_HOST"]?.replace("unix://", "ssh://far") ?? "",
    };
  }, 300_000);

  afterAll(async () => {
    await sshd?.[Symbol.asyncDispose]();
    await nodes?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    await project?.[Symbol.asyncDispose]();
  }, 300_000);

  test("an Engine over ssh has readiness, names, keys and sessions, with one login for each call", async () => {
    await project.must("run all", { env });
    expect(await sshd.logins()).toBe(1);
    const [id] = await on(far, "ps", "-q", "--filter", "label=io.reyns.service=shell");
    const files = await on(
      far,
      "exec",
      id ?? "",
      "stat",
      "-c",
      "%a %U",
      "/etc/reyns/keys/id_ed25519",
    );
    expect(files).toEqual(["600 root"]);
    const names = await project.must(
      ["ssh", "shell", "--", "getent hosts web-one && ssh shell-one hostname"],
      { env },
    );
    expect(names.split("\n").at(-1)).toBe("shell-one");
    expect(names).toContain("web-one");
    expect(await project.must("dns", { env })).toMatch(/^web-one.* web/m);
    await project.must("clean all force=true", { env });
    expect(await on(far, "volume", "ls", "-q")).toEqual([]);
  });

  test("run probes ports where none of our images run", async () => {
    await using lonely = await createProject({
      "reyns.ts": definition
        .replace(/^.*(dns\(\)|service\("shell).*$/gm, "")
        .replace('"/up")', '"/")'),
    });
    const { status, stderr } = await lonely.reyns("run all timeout=2", { env });
    expect(stderr).toContain(
      "web-one: not ready after 2 s, GET / on port 80 does not return a status below 400",
    );
    expect(status).toBe(1);
    await lonely.must("clean all force=true", { env });
  });

  test("run refuses all files and interfaces of this machine at once", async () => {
    await using here = await createProject({
      "reyns.ts": `import { fromInterface, service } from "reyns";
service("db", { image: "reyns/reyns-base", instance: "one", persistentData: true, volumes: ["./x.conf:/etc/x.conf", "/etc/hosts:/h"] });
service("db", { image: "reyns/reyns-base", instance: "two", env: { IP: fromInterface("lo") } });
`,
    });
    const first = await here.reyns("run db one", { env });
    expect(first.stderr).toContain(`/data is ${here.folder}/data_`);
    expect(first.stderr).toContain(`/etc/x.conf is ${here.folder}/x.conf of this machine`);
    expect(first.stderr).not.toContain("/h is");
    const second = await here.reyns("run db two", { env });
    expect(second.stderr).toContain("on another machine, whose interfaces are not known here");
    expect([first.status, second.status]).toEqual([2, 2]);
    expect(await on(far, "ps", "-aq")).toEqual([]);
  });

  test("a failing ssh connection ends with status 3 and its reason", async () => {
    const cases: readonly [Readonly<Record<string, string>>, string][] = [
      [{ ...env, ...sshd.mistrusting }, "Host key verification failed."],
      [{ ...env, DOCKER_HOST: "ssh://far/nowhere.sock" }, "there is no /nowhere.sock"],
      [
        { ...env, DOCKER_HOST: "ssh://far:1" },
        "ssh must log in without a prompt; try: ssh -p 1 far true",
      ],
    ];
    for (const [faulty, said] of cases) {
      const { status, stderr } = await project.reyns("ps", { env: faulty });
      expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringContaining(said) });
    }
  });

  test("an Engine is reached by a docker context with TLS", async () => {
    const config = join(folder.path, "config");
    const { client, server } = certificates;
    const [host, key] = [`host=tcp://${far.address}:2376`, `key=${client}/key.pem`];
    const endpoint = `${host},ca=${client}/ca.pem,cert=${client}/cert.pem,${key}`;
    await must("docker", "--config", config, "context", "create", "far", "--docker", endpoint);
    const secure = { DOCKER_HOST: "", DOCKER_CONFIG: config, DOCKER_CONTEXT: "far" };
    await far.must("run web one", { env: secure });
    expect(await far.must(["shell", "web", "--", "hostname"], { env: secure })).toBe("web-one");
    await far.must("clean all force=true", { env: secure });
    const byEnvironment = { DOCKER_HOST: `tcp://${far.address}`, DOCKER_TLS_VERIFY: "1" };
    await far.must("ps", { env: { ...byEnvironment, DOCKER_CERT_PATH: client } });
    await rm(join(server, "key.pem"));
    for (const path of [server, folder.path]) {
      const { status } = await far.reyns("ps", {
        env: { ...byEnvironment, DOCKER_CERT_PATH: path },
      });
      expect(status).toBe(3);
    }
    const plain = await far.reyns("ps", { env: { DOCKER_HOST: `tcp://${far.address}:2376` } });
    expect(plain.stderr).toContain("DOCKER_TLS_VERIFY=1");
    expect(plain.status).toBe(3);
  });
});

/** Lines of what the docker client says of a node. */
async function on({ env }: Node, ...words: string[]): Promise<string[]> {
  const said = await must("docker", "--host", env["DOCKER_HOST"] ?? "", ...words);
  return said.split("\n").filter(Boolean);
}
