// A Compose project in canonical form for a field of docs/compose-table.md.
import { parse } from "yaml";
import type { mapCompose } from "./compose-project.ts";

type GivenFile = Parameters<typeof mapCompose>[0];
type Value = unknown;

const image = "acme/web";
const web = (service: Readonly<Record<string, Value>>): GivenFile => ({
  services: { db: { image }, web: { image, ...service } },
});

/** Values that are not a text. */
const values: Readonly<Record<string, Value>> = {
  link_local_ips: ["169.254.1.1"],
  driver_opts: { a: "b" },
  gw_priority: 1,
  generic_resources: [{ discrete_resource_spec: { kind: "a", value: 1 } }],
  delay: "5s",
  window: "5s",
  external: true,
  labels: { a: "b" },
  placement: { constraints: ["node.role==manager"] },
  update_config: { parallelism: 1 },
  rollback_config: { parallelism: 1 },
  uid: "1",
  gid: "1",
  mode: "0400",
  subpath: "a",
  recursive: "disabled",
  sbom: "true",
};

const placement: Readonly<Record<string, Value>> = {
  constraints: ["node.role==manager"],
  preferences: [{ spread: "a" }],
  "preferences.spread": [{ spread: "a" }],
  max_replicas_per_node: 1,
};

/** Where a part of a section goes. */
const sections: Readonly<Record<string, (key: string, value: Value) => GivenFile>> = {
  services: (key, value) => web({ [key]: value }),
  "services.build": (key, value) =>
    web({ build: { context: "/srv/shop", ...nested(key, value, { source: "npmrc" }) } }),
  "services.deploy": (key, value) =>
    web({ deploy: { resources: {}, placement: {}, ...nested(key, value) } }),
  "services.networks": (key, value) => web({ networks: { default: { [key]: value } } }),
  "services.ports": (key, value) =>
    web({
      ports: [{ target: 80, published: "80", protocol: "tcp", mode: "ingress", [key]: value }],
    }),
  "services.volumes": (key, value) => web({ volumes: [mountWith(key, value)] }),
  networks: (key, value) => ({
    ...web({}),
    networks: { default: { name: "shop_default", ipam: {}, [key]: value } },
  }),
  secrets: (key, value) => resource("secrets", key, value),
  configs: (key, value) => resource("configs", key, value),
};

/** "resources.limits.cpus" as objects in each other; placements and secrets are lists. */
function nested(path: string, value: Value, item: object = {}): Record<string, Value> {
  const [key = "", ...rest] = path.split(".");
  if (key === "placement" && rest.length > 0)
    return { placement: { [rest[0] ?? ""]: placement[rest.join(".")] } };
  if (key === "secrets") return { secrets: [{ ...item, [rest[0] ?? "source"]: value }] };
  return { [key]: rest.length === 0 ? value : nested(rest.join("."), value) };
}

function mountWith(path: string, value: Value): object {
  const [key = "", part] = path.split(".");
  if (path === "type" || key === "image")
    return { type: key === "image" ? "image" : value, target: "/x", image: { subpath: "a" } };
  const type = key === "bind" || key === "consistency" ? "bind" : "volume";
  const own = part === undefined ? { [key]: value } : { [key]: { [part]: value } };
  return { type, source: type === "bind" ? "/srv/x" : "data", target: "/x", ...own };
}

function resource(kind: "secrets" | "configs", key: string, value: Value): GivenFile {
  const isElsewhere = ["driver", "driver_opts", "external"].includes(key);
  const own = { name: "key", ...(isElsewhere ? {} : { file: "/srv/shop/key" }), [key]: value };
  return { ...web({ [kind]: [{ source: "key" }] }), [kind]: { key: own } };
}

/**
 * @param name "cpu_count", or with a value: "ipc: service:db"
 * @param isWithout the same without a value
 */
export function sampleOf(section: string, name: string, isWithout = false): GivenFile | undefined {
  const [key, value] = name.includes(": ")
    ? (Object.entries(parse(name) as object)[0] as [string, Value])
    : [name, values[name.split(".").at(-1) ?? ""] ?? "given"];
  const file = sections[section]?.(key, isWithout ? undefined : value);
  return file && { secrets: { npmrc: { name: "npmrc", file: "/srv/shop/.npmrc" } }, ...file };
}
