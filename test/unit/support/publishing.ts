// Instances that publish ports.
import type { InstanceDefinition } from "../../../src/model/project.ts";
import { plan, projectOf } from "./planning.ts";
import { thrownBy } from "./project-folder.ts";

export const hostAddresses = [
  { name: "lo", address: "127.0.0.1" },
  { name: "eth0", address: "192.168.1.2" },
  { name: "eth1", address: "93.184.216.34" },
];

/** Messages and hints of what planning throws. */
export function planMistakes(planning: () => unknown): string[] {
  return thrownBy(planning).map(({ message, hint }) => `${message}\n${hint}`);
}

const dnsProject = (given: Partial<InstanceDefinition> = {}) =>
  projectOf([
    { service: "reyns-dns", instance: "main", properties: { publishPorts: true }, ...given },
  ]);

/** @param caller variables of the environment */
export const planDns = (
  caller: Record<string, string>,
  given?: Partial<InstanceDefinition>,
  more = {},
) =>
  plan(dnsProject(given), {
    sources: { caller, hostConf: {}, interfaces: {} },
    hostAddresses,
    ...more,
  });

export const publishedPort = { container: 80, host: 8080, protocol: "tcp" } as const;

export const publishedWeb = (instance: string, given: Partial<InstanceDefinition> = {}) => ({
  service: "web",
  instance,
  ports: [publishedPort],
  ...given,
});
