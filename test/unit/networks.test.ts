import { describe, expect, test } from "bun:test";
import { createOptions } from "../../src/docker/containers/create-options.ts";
import { unsupportedFieldErrors } from "../../src/plan/checks/engine-support.ts";
import { networkNameOf } from "../../src/model/resource-names.ts";
import { plan, startOf } from "./support/planning.ts";
import { projectFolder } from "./support/project-folder.ts";

const header = 'import { network, service } from "reyns";\n';
const proxy = 'const proxy = network("proxy", { external: true, name: "traefik" });\n';

async function specWith(options: string) {
  await using folder = await projectFolder({
    "reyns.ts": `${header}${proxy}service("web", { image: "i", ${options} });\n`,
  });
  const project = await folder.read();
  const { spec } = startOf(plan(project).steps, "web-one");
  const { networks } = JSON.parse(spec.labels["io.reyns.definition"] ?? "{}") as {
    readonly networks?: string;
  };
  return { spec, digest: networks, own: networkNameOf(project) };
}

describe("networks", () => {
  test("without the field, an instance is in the project's network, and its definition is as before", async () => {
    const { spec, digest, own } = await specWith("");
    expect(spec.network?.name).toBe(own);
    expect([spec.joined, digest]).toEqual([undefined, undefined]);
  });

  test.each([`"proxy"`, "proxy", "{ network: proxy }", `{ network: "proxy", aliases: [] }`])(
    "%s joins an external network under its own name",
    async (given) => {
      const { spec, own } = await specWith(`networks: [${given}, "default"]`);
      expect(spec.network?.name).toBe(own);
      expect(spec.joined).toEqual([
        { name: "traefik", address: undefined, aliases: ["web-one", "web"] },
      ]);
    },
  );

  test("names and addresses there, and names in the project's own", async () => {
    const { spec, digest } = await specWith(
      `networks: [{ network: "default", aliases: ["db"] },
        { network: proxy, aliases: ["shop"], ipv4: "10.0.0.9", ipv6: "fd00::9" }]`,
    );
    expect(spec.network?.aliases).toContain("db");
    expect(spec.joined).toEqual([
      {
        name: "traefik",
        address: "10.0.0.9",
        ipv6: "fd00::9",
        aliases: ["web-one", "web", "shop"],
      },
    ]);
    expect(digest).toBeString();
  });

  test("aliases are a part of the definition", async () => {
    const digestOf = async (alias: string): Promise<string | undefined> =>
      (await specWith(`networks: [{ network: "default", aliases: ["${alias}"] }]`)).digest;
    expect(await digestOf("a")).not.toBe(await digestOf("b"));
  });
});

describe("options of an instance in a network", () => {
  test("reach the Engine, and are a part of the definition", async () => {
    const options =
      'linkLocalIps: ["169.254.8.8"], driverOpts: { a: 1 }, gwPriority: 2, interfaceName: "eth9"';
    const { spec, digest } = await specWith(`networks: [{ network: "default", ${options} }]`);
    const { NetworkingConfig } = createOptions(spec);
    const [endpoint] = Object.values(NetworkingConfig?.EndpointsConfig ?? {});
    expect(endpoint).toMatchObject({
      IPAMConfig: { LinkLocalIPs: ["169.254.8.8"] },
      DriverOpts: { a: "1", "com.docker.network.endpoint.ifname": "eth9" },
      GwPriority: 2,
    });
    expect(digest).toBeString();
  });

  test("go to the Engine with all networks, each with its own hardware address", async () => {
    const macs = ["02:42:ac:11:00:01", "02:42:ac:11:00:02"];
    const { spec } = await specWith(
      `networks: [{ network: "default", mac: "${macs[0]}" }, { network: proxy, mac: "${macs[1]}" }]`,
    );
    const { NetworkingConfig } = createOptions(spec);
    const endpoints = Object.values(NetworkingConfig?.EndpointsConfig ?? {});
    expect(endpoints.map(({ MacAddress }) => MacAddress)).toEqual(macs);
  });

  test.each([
    ['{ network: "default", gwPriority: 1 }', "1.47", "Docker 28 or newer"],
    ['{ network: "default", interfaceName: "eth1" }', "1.48", "Docker 28.1 or newer"],
    ['"default", { network: proxy, mac: "02:42:ac:11:00:02" }', "1.43", "Docker 25 or newer"],
  ])("%s needs a newer Engine than API %s", async (networks, apiVersion, release) => {
    await using folder = await projectFolder({
      "reyns.ts": `${header}${proxy}service("web", { image: "i", networks: [${networks}] });\n`,
    });
    const project = await folder.read();
    const { steps } = plan(project);
    const [error, ...more] = unsupportedFieldErrors(steps, project, apiVersion);
    expect(error?.hint).toContain(release);
    expect(more).toEqual([]);
    expect(unsupportedFieldErrors(steps, project, "1.49")).toEqual([]);
  });
});

describe("mistakes at their places", () => {
  test.each([
    [`networks: ["default", "front"]`, 'unknown network "front"'],
    [`networks: ["default", proxy, "proxy"]`, '"proxy" is in the list twice'],
    ["networks: []", "networks is a list | accepted: a list that is not empty"],
    [
      `networks: ["default"], nethost: true`,
      "an instance in the host's network is in no other one",
    ],
    [
      `networks: [{ network: "default", ipv4: "10.0.0.9" }]`,
      "an address in the project's own network",
    ],
    [`networks: ["default", { network: proxy, ipv4: "x" }]`, 'networks.ipv4 is "x"'],
    [`networks: ["default", { network: proxy, mac: "x" }]`, 'networks.mac is "x"'],
    [
      `networks: [{ network: "default", linkLocalIps: ["10.0.0.1"] }]`,
      'accepted: a link-local address such as "169.254.8.8"',
    ],
    [`networks: [{ network: "default", interfaceName: "a/b" }]`, "the name of an interface"],
    [`networks: ["default", { network: proxy, alias: ["x"] }]`, 'unknown key "alias"'],
    [
      `networks: [{ network: "back", ipv4: "10.9.0.9" }]`,
      "10.9.0.9 is in no subnet of the network",
    ],
    [`networks: ["back"], publishSshOn: 22`, "or leave out publishSshOn"],
    [`networks: ["back"], ports: [80]`, "ports of an instance that is in internal networks only"],
  ])("%s", async (options, message) => {
    const back = 'network("back", { internal: true });\n';
    await using folder = await projectFolder({
      "reyns.ts": `${header}${proxy}${back}service("web", { image: "i", ${options} });\n`,
    });
    const [mistake, ...more] = await folder.mistakes();
    expect(mistake).toContain(message);
    expect(mistake).toMatch(/^reyns.ts:4:[3-9]\d /);
    expect(more).toEqual([]);
  });

  test.each([
    ['network("default", { internals: true })', 'unknown key "internals"'],
    ['network("default", {}); network("default", {})', 'the network "default" is declared twice'],
    ['network("a", { external: true, internal: true })', "a: an external network has no internal"],
    ['network("a", { driver: "host" })', "no network can be made with the driver host"],
    ['network("a", { ipam: { config: [{ gateway: "10.9.0.1" }] } })', "has no subnet"],
    ['network("a", { ipam: { config: [{ subnet: "10.9.0.0/99" }] } })', "10.9.0.0/99 is no subnet"],
    ['network("a", { ipam: { config: [{ subnet: "fd00::/64" }] } })', "add enableIpv6: true"],
    [
      'network("a", { ipam: { config: [{ subnet: "10.9.0.0/24", gateway: "10.8.0.1" }] } })',
      "10.8.0.1 is not in 10.9.0.0/24",
    ],
    ['network("a", { ipam: { config: [{ subnets: [] }] } })', 'unknown key "subnets"'],
    ['network("a", { name: "b" }); network("c", { name: "b" })', "c: the network a has this name"],
  ])("%s", async (call, message) => {
    await using folder = await projectFolder({ "reyns.ts": `${header}${call};\n` });
    const [mistake, ...more] = await folder.mistakes();
    expect(mistake).toContain(message);
    expect(mistake).toMatch(/^reyns.ts:2:\d+ /);
    expect(more).toEqual([]);
  });

  test("an address that two instances have", async () => {
    await using folder = await projectFolder({
      "reyns.ts": `${header}${proxy}const at = { image: "i", networks: [{ network: proxy, ipv4: "10.9.0.9" }] };
service("web", at);
service("api", at);
`,
    });
    expect(await folder.mistakes()).toEqual([
      expect.stringContaining("10.9.0.9 in the network proxy is the address of web-one already"),
    ]);
  });
});
