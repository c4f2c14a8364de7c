import { expect, test } from "bun:test";
import type { ComposeService } from "../../src/project/compose/compose-file.ts";
import { serviceFields } from "../../src/project/compose/mapping/service-fields.ts";
import { mapProject } from "../../src/project/compose/mapping/map-project.ts";
import { composeProject, mapCompose } from "./support/compose-project.ts";

/** The options that one field becomes, without those that every service has. */
async function optionsOf(service: Partial<ComposeService>): Promise<unknown> {
  const { mapped, errors } = await mapCompose({
    services: { web: { image: "acme/web", ...service } },
  });
  expect(errors).toEqual([]);
  const {
    instance: _,
    image: _image,
    ready: _ready,
    ...options
  } = mapped.services[0]?.instances[0] ?? {};
  return options;
}

test.each<[Partial<ComposeService>, object]>([
  [{ command: ["a", "b c"] }, { command: ["a", "b c"] }],
  [{ entrypoint: ["/e"] }, { entrypoint: ["/e"] }],
  [{ environment: { A: "1", UNSET: null } }, { env: { A: "1" } }],
  [{ labels: { "traefik.enable": "true" } }, { labels: { "traefik.enable": "true" } }],
  [{ mem_limit: "52428800" }, { memLimit: "50m" }],
  [{ memswap_limit: "-1" }, { memswapLimit: -1 }],
  [{ stop_grace_period: "1m0s" }, { stopGracePeriod: "1m" }],
  [{ stop_grace_period: "1.9s" }, { stopGracePeriod: "1s" }],
  [
    { gpus: [{ count: 1, capabilities: ["video"] }] },
    { gpus: [{ count: 1, capabilities: ["video", "gpu"] }] },
  ],
  [
    { build: { context: "/srv/shop", cache_from: ["type=gha", "acme/web"] } },
    { build: { context: ".", cacheFrom: ["acme/web"] } },
  ],
  [{ extra_hosts: ["h=host-gateway", "six=::1"] }, { extraHosts: ["h:host-gateway", "six:::1"] }],
  [
    { devices: [{ source: "/dev/a", target: "/dev/b", permissions: "rw" }] },
    { devices: ["/dev/a:/dev/b:rw"] },
  ],
  [
    { ulimits: { nproc: 5, nofile: { soft: 1, hard: 2 } } },
    { ulimits: { nproc: 5, nofile: { soft: 1, hard: 2 } } },
  ],
  [{ network_mode: "host" }, { networkMode: "host" }],
  [{ network_mode: "service:my_vpn" }, { networkMode: "service:my-vpn" }],
  [
    { logging: { driver: "local", options: { a: "b" } } },
    { logging: { driver: "local", options: { a: "b" } } },
  ],
  [{ gpus: [{ count: -1, capabilities: ["gpu"] }] }, { gpus: [{ count: "all" }] }],
  [
    { blkio_config: { weight: 300, device_read_bps: [{ Path: "/dev/sda", Rate: "1024" }] } },
    { blkioConfig: { weight: 300, deviceReadBps: [{ path: "/dev/sda", rate: 1024 }] } },
  ],
  [
    { healthcheck: { test: ["CMD-SHELL", "curl -f x"], interval: "1m30s", retries: 4 } },
    { healthcheck: { test: "curl -f x", interval: "1m30s", retries: 4 } },
  ],
  [{ healthcheck: { test: ["CMD", "a", "b"] } }, { healthcheck: { test: ["a", "b"] } }],
  [{ healthcheck: { test: ["NONE"] } }, { healthcheck: { disable: true } }],
  [
    {
      deploy: {
        resources: {
          limits: { cpus: 0.5, memory: "52428800", pids: 3 },
          reservations: { memory: "8388608" },
        },
        restart_policy: { condition: "on-failure", max_attempts: 3 },
        placement: {},
      },
    },
    { cpus: 0.5, memLimit: "50m", pidsLimit: 3, memReservation: "8m", restart: "on-failure:3" },
  ],
  [{ build: { context: "/srv/shop/web", dockerfile: "Dockerfile" } }, { build: "./web" }],
  [
    { build: { context: "/srv/shop", dockerfile: "a/Dockerfile", args: { A: "1", B: null } } },
    { build: { context: ".", dockerfile: "a/Dockerfile", args: { A: "1" } } },
  ],
  [{ expose: ["80"], attach: false, develop: {}, isolation: "default" }, {}],
  [{ pull_policy: "missing" }, {}],
  [
    { post_start: [{ command: ["a", "b"], user: "root", environment: { A: "1", B: null } }] },
    { postStart: [{ command: ["a", "b"], user: "root", env: { A: "1" } }] },
  ],
  [{ pre_stop: [{ command: ["c"] }] }, { preStop: [{ command: ["c"] }] }],
  [{ platform: "linux/arm64" }, { platform: "linux/arm64" }],
  [{ platform: "linux/x86_64" }, { platform: "linux/x86_64" }],
  [{ healthcheck: { test: ["CMD", "ping", ""] } }, { healthcheck: { test: ["ping", ""] } }],
  [{ dns_search: [""] }, { dnsSearch: [""] }],
  // Only Swarm reads the pauses.
  [
    { deploy: { resources: {}, restart_policy: { delay: "5s", window: "1m" }, placement: {} } },
    { restart: "always" },
  ],
  [{ pull_policy: "never" }, { pullPolicy: "never" }],
])("the field %j becomes another option than %j", async (service, options) => {
  expect(await optionsOf(service)).toEqual(options);
});

test.each<[NonNullable<ComposeService["volumes"]>[number], unknown]>([
  [{ type: "volume", source: "data", target: "/d", volume: {} }, "data:/d"],
  [{ type: "volume", source: "data", target: "/d", read_only: true }, "data:/d:ro"],
  [{ type: "volume", target: "/d", volume: {} }, "/d"],
  [
    { type: "volume", source: "data", target: "/d", volume: { nocopy: true, subpath: "a" } },
    { type: "volume", source: "data", target: "/d", volume: { nocopy: true, subpath: "a" } },
  ],
  [
    { type: "bind", source: "/srv/shop/x", target: "/x", bind: { create_host_path: true } },
    { type: "bind", source: "./x", target: "/x", bind: { createHostPath: true } },
  ],
  [
    { type: "bind", source: "/etc/x", target: "/x", read_only: true, bind: { selinux: "z" } },
    {
      type: "bind",
      source: "/etc/x",
      target: "/x",
      readOnly: true,
      bind: { selinux: "z", createHostPath: false },
    },
  ],
  [
    { type: "tmpfs", target: "/t", tmpfs: { size: "10485760", mode: 493 } },
    { type: "tmpfs", target: "/t", tmpfs: { size: "10m", mode: 493 } },
  ],
])("the mount %j becomes another one than %j", async (mount, expected) => {
  expect(await optionsOf({ volumes: [mount] })).toEqual({ volumes: [expected] });
});

test.each<[NonNullable<ComposeService["ports"]>[number], string]>([
  [{ mode: "ingress", target: 80, published: "8080", protocol: "tcp" }, "8080:80"],
  [{ mode: "ingress", target: 80, protocol: "tcp" }, "0:80"],
  [
    {
      mode: "host",
      target: 53,
      published: "53",
      host_ip: "127.0.0.1",
      protocol: "udp",
      name: "dns",
    },
    "127.0.0.1:53:53/udp",
  ],
  [
    { mode: "ingress", target: 80, published: "80", host_ip: "::1", protocol: "tcp" },
    "[::1]:80:80",
  ],
])("the port %j becomes another one than %s", async (port, expected) => {
  expect(await optionsOf({ ports: [port] })).toEqual({ ports: [expected] });
});

/** Every field of a service in the schema of the Compose Specification, and those that Compose 5 has added. */
const fieldsOfSpecification =
  "annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs container_name cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset credential_spec depends_on deploy develop device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint env_file environment expose external_links extra_hosts gpus group_add healthcheck hostname image init ipc isolation label_file labels links logging mac_address mem_limit mem_reservation mem_swappiness memswap_limit models network_mode networks oom_kill_disable oom_score_adj pid pids_limit platform ports post_start pre_start pre_stop privileged profiles provider pull_policy pull_refresh_after read_only restart runtime scale secrets security_opt shm_size stdin_open stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket user userns_mode uts volumes volumes_from working_dir".split(
    " ",
  );

test("a field of the Compose Specification is neither mapped, refused nor known to have no effect", () => {
  const known = Object.keys(serviceFields);
  expect(fieldsOfSpecification.filter((field) => !known.includes(field))).toEqual([]);
});

test("a field that cannot be honoured is dropped silently", async () => {
  const refused = Object.entries(serviceFields).flatMap(([field, rule]) =>
    typeof rule === "object" && "refused" in rule ? [field] : [],
  );
  for (const field of refused) {
    const { errors } = await mapCompose({
      services: { web: { image: "acme/web", [field]: "given" } },
    });
    expect(errors).toEqual([expect.stringContaining(`allow=${field} leaves it out`)]);
  }
});

test("a field that no table knows is dropped silently", async () => {
  const service = { image: "acme/web", brand_new: true };
  const { errors } = await mapCompose({ services: { web: service } });
  expect(errors).toEqual([expect.stringContaining("brand_new of web is not supported")]);
});

test("allow= does not leave a refused field out, or another one with it", async () => {
  const services = { web: { image: "acme/web", cpu_count: 2, provider: { type: "x" } } };
  const { errors, mapped } = await mapCompose({ services }, ["cpu_count"]);
  expect(errors).toEqual([expect.stringContaining("provider of web")]);
  expect(mapped.omitted).toEqual(["cpu_count of web is not supported: left out"]);
});

test("services that share a part of the file are refused one by one for it", async () => {
  const project = composeProject({
    services: { web: { image: "a", cpu_count: 1 }, api: { image: "a", cpu_count: 1 } },
  });
  const { errors } = mapProject({ ...project, placeOf: () => ({ file: "compose.yaml", line: 3 }) });
  expect(errors.map(({ message }) => message)).toEqual(["cpu_count of web is not supported"]);
});
