// The project of project-networks.test.ts, what it has on the Engine, and a machine outside of its networks.
import { must } from "../../engine/support/images-container.ts";
import { smallImage } from "./small-image.ts";

interface Script {
  /** Options of the network front. */
  readonly front?: string;
  /** Command of web. */
  readonly command?: string;
}

/** A database that only web reaches, what is in front of web, and an instance in the network of all. */
export const script = ({ front = "{}", command = "sleep 999" }: Script = {}): string => `
import { network, ready, service } from "reyns";
const front = network("front", ${front});
const back = network("back", { internal: true, labels: { tier: "data" } });
// Podman lets nobody ping without being told.
const small = { image: "${smallImage}", stopSignal: "SIGKILL", ready: ready.started(), capAdd: ["NET_RAW"] };
service("db", { ...small, command: ["busybox", "httpd", "-f", "-p", "80"], ready: ready.tcp(80), networks: [back] });
service("web", { ...small, command: ${JSON.stringify(command.split(" "))}, links: ["db"], ready: ready.file("/bin/sh"),
  networks: [front, { network: back, aliases: ["inner"] }] });
service("proxy", { ...small, networks: ["front"], links: ["web"] });
service("api", { ...small });
`;

/** Names of the networks of a project. */
export async function networksOf(folder: string): Promise<string[]> {
  const filter = `label=io.reyns.folder=${folder}`;
  const names = await must("docker", "network", "ls", "--format", "{{.Name}}", "--filter", filter);
  return names.split("\n").filter(Boolean).toSorted();
}

/** Another machine, to which this one has a route. */
export async function hostOutside(): Promise<AsyncDisposable & { readonly address: string }> {
  const name = `reyns${process.pid}`;
  const [here, there] = [
    `203.0.113.${1 + (process.pid % 60) * 4}`,
    `203.0.113.${2 + (process.pid % 60) * 4}`,
  ];
  await must("ip", "netns", "add", name);
  await must("ip", "link", "add", name, "type", "veth", "peer", "eth0", "netns", name);
  await must("ip", "addr", "add", `${here}/30`, "dev", name);
  await must("ip", "link", "set", name, "up");
  await must("ip", "-n", name, "addr", "add", `${there}/30`, "dev", "eth0");
  await must("ip", "-n", name, "link", "set", "eth0", "up");
  await must("ip", "-n", name, "route", "add", "default", "via", here);
  return {
    address: there,
    [Symbol.asyncDispose]: async () => {
      await must("ip", "netns", "del", name);
    },
  };
}
