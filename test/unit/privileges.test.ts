import { expect, test } from "bun:test";
import type { InstanceDefinition } from "../../src/model/project.ts";
import { listPrivileges } from "../../src/plan/check-plan.ts";
import { projectOf } from "./support/planning.ts";

function privilegesWith(volumes: readonly string[]): readonly string[] {
  const [found] = listPrivileges(projectOf([{ service: "web", volumes }]));
  return found?.privileges ?? [];
}

const rows: [string, string[]][] = [
  ["./:/mnt", ["the project's keys"]],
  [".:/mnt:ro", ["the project's keys"]],
  ["..:/mnt:ro", ["the project's keys"]],
  ["./.reyns:/mnt", ["the project's keys"]],
  ["./.reyns/keys:/mnt:ro", ["the project's keys"]],
  ["./.reyns/keys/id_ed25519:/mnt:ro", ["the project's keys"]],
  ["/home:/mnt:ro", ["the project's keys"]],
  ["/:/mnt:ro", ["the Engine's socket", "all files of the host", "the project's keys"]],
  ["./.reynsx:/mnt", []],
  ["./app:/mnt", []],
  ["keys:/mnt", []],
];
test.each(rows)("%s gives %j", (volume, privileges) => {
  expect(privilegesWith([volume])).toEqual(privileges);
});

test("only the host's network is a privilege, not that of another container, or none", () => {
  const modes: Partial<InstanceDefinition>[] = [
    { properties: { nethost: true } },
    { networkMode: { kind: "none" } },
    { networkMode: { kind: "container", name: "vpn" } },
    {},
  ];
  const found = modes.map((given) => listPrivileges(projectOf([{ service: "web", ...given }])));
  expect(found.map(([first]) => first?.privileges)).toEqual([
    ["in the host's own network"],
    undefined,
    undefined,
    undefined,
  ]);
});
