// An image goes from this machine's Engine to Docker 28 with containerd's image store, which takes parts from a registry only.
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { must, temporaryFolder } from "../engine/support/images-container.ts";
import { createProject } from "./support/project.ts";
import { installation } from "./support/reyns.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(300_000);
beforeAll(importSmallImage);

const root = join(import.meta.dir, "../..");

/** Downloaded by scripts/on-engine.sh; without a network there is no other Engine to test with. */
const hasEngine = existsSync(join(root, "dist/tools/docker-28"));

/** A socket of this machine's Engine that is there in other namespaces, too. */
async function openWay(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await temporaryFolder();
  const path = join(folder.path, "engine.sock");
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const engine = connect({ path: "/var/run/docker.sock", allowHalfOpen: true });
    for (const socket of [client, engine]) sockets.add(socket.on("error", () => {}));
    client.pipe(engine).pipe(client);
  }).listen(path);
  await once(server, "listening");
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Two sshds on the newer Engine's machine, the second of which forwards no ports; a run through the first, a change, and a change through the second. */
const script = `set -euo pipefail
cd "$1"
mkdir ssh bin
for key in host user; do ssh-keygen -q -t ed25519 -N "" -C "" -f ssh/$key; done
for port in 2201 2202; do
  forwards=yes
  [ $port = 2201 ] || forwards=local
  printf '%s\\n' "Port $port" "ListenAddress 127.0.0.1" "HostKey $PWD/ssh/host" "PidFile none" "StrictModes no" "UsePAM no" \\
    "AuthorizedKeysFile $PWD/ssh/user.pub" "AllowTcpForwarding $forwards" >ssh/config$port
  /usr/sbin/sshd -D -f $PWD/ssh/config$port -E $PWD/ssh/log$port &
  until (: </dev/tcp/127.0.0.1/$port) 2>/dev/null; do sleep 0.1; done
  echo "[127.0.0.1]:$port $(cat ssh/host.pub)" >>ssh/known
done
printf '%s\\n' '#!/bin/sh' \\
  "exec /usr/bin/ssh -F none -i $PWD/ssh/user -o UserKnownHostsFile=$PWD/ssh/known -o BatchMode=yes \\"\\$@\\"" >bin/ssh
chmod +x bin/ssh
PATH=$PWD/bin:$PATH
image() { curl --silent --unix-socket /run/docker.sock http://engine/images/json >images$1.json; }
reyns run all 2>first.txt || { cat first.txt >&2; exit 1; }
echo 2 >web/page
reyns run all build=true 2>second.txt || { cat second.txt >&2; exit 1; }
image 2
echo 3 >web/page
sed -i s/:2201/:2202/ reyns.ts
reyns run all build=true 2>third.txt || { cat third.txt >&2; exit 1; }
image 3
reyns clean all force=true
`;

test.skipIf(!hasEngine)(
  "a node with containerd's store pulls the layers that it lacks through ssh, or gets all where ssh forwards no ports",
  async () => {
    await using relay = await openWay();
    await using shop = await createProject({
      "reyns.ts": `import { group, node, ready, service } from "reyns";
node("first", "unix://${relay.path}", { address: "127.0.0.1" });
node("second", "ssh://root@127.0.0.1:2201", { address: "127.0.0.2" });
const runs = { command: ["sleep", "600"], init: true, ready: ready.started() };
group("first", () => service("web", { instance: "one", build: "./web", ...runs }));
group("second", () => service("web", { instance: "two", ...runs }));
`,
      "web/Dockerfile": `FROM ${smallImage}\nCOPY shared /\nCOPY page /\n`,
      "web/shared": `${process.pid}`.repeat(100_000),
      "web/page": "1\n",
    });
    // What is removed at the end is on this machine's Engine.
    await using _ = {
      [Symbol.asyncDispose]: () => shop.write({ "reyns.ts": 'import { service } from "reyns";\n' }),
    };
    const { executable } = await installation();
    const path = `PATH=${join(executable, "..")}:${process.env["PATH"]}`;
    const words = ["docker-28", "bash", "-c", script, "bash", shop.folder];
    await must("env", "-C", root, "STORE=containerd", path, "scripts/on-engine.sh", ...words);
    const read = (name: string): Promise<string> => Bun.file(join(shop.folder, name)).text();
    expect(await read("first.txt")).toMatch(
      /second: \S+ sent [\d.]+ MB, 3 of 3 layers, from first/,
    );
    expect(await read("second.txt")).toMatch(
      /second: \S+ sent [\d.]+ kB, 1 of 3 layers, from first/,
    );
    // One has its own store, the other containerd's.
    for (const name of ["first.txt", "second.txt"])
      expect(await read(name)).toContain(
        "the image stores of second (containerd's) and first are of two kinds",
      );
    const third = await read("third.txt");
    expect(third).toContain("second: images are sent whole: ");
    expect(third).toMatch(/second: \S+ sent [\d.]+ MB, 3 of 3 layers, from first/);
    for (const number of [2, 3]) expect(await read(`images${number}.json`)).not.toContain("/sent-");
  },
);
