import { describe, expect, test } from "bun:test";
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

describe("mistakes at their places", () => {
  test.each([
    [`networks: ["default", "front"]`, 'unknown network "front"'],
    ["networks: [proxy]", 'networks has no "default"'],
    [
      `networks: ["default"], nethost: true`,
      "an instance in the host's network is in no other one",
    ],
    [
      `networks: [{ network: "default", ipv4: "10.0.0.9" }]`,
      "an address in the project's own network",
    ],
    [`networks: ["default", { network: proxy, ipv4: "x" }]`, 'networks.ipv4 is "x"'],
    [`networks: ["default", { network: proxy, alias: ["x"] }]`, 'unknown key "alias"'],
  ])("%s", async (options, message) => {
    await using folder = await projectFolder({
      "reyns.ts": `${header}${proxy}service("web", { image: "i", ${options} });\n`,
    });
    const [mistake, ...more] = await folder.mistakes();
    expect(mistake).toContain(message);
    expect(mistake).toMatch(/^reyns.ts:3:[3-9]\d /);
    expect(more).toEqual([]);
  });

  test("only a network that is there has to be declared", async () => {
    await using folder = await projectFolder({
      "reyns.ts": `${header}network("front", { external: false });\n`,
    });
    expect((await folder.mistakes())[0]).toContain("external is false | accepted: true");
  });
});
