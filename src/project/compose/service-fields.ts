import { build } from "./build-codec.ts";
import type { Codec } from "./codec.ts";
import { list } from "./collection-codecs.ts";
import { command, healthTest } from "./command-codec.ts";
import { deploy, gpus } from "./deploy-codec.ts";
import { device, development, hook, preStartHook, provider, throttling } from "./service-parts.ts";
import { dict, driverOptions, labels, variables } from "./dict-codec.ts";
import { mounts } from "./mount-codec.ts";
import { object } from "./object-codec.ts";
import { path } from "./paths.ts";
import { ports } from "./port-codec.ts";
import {
  bytes,
  flag,
  float,
  integer,
  oneOf,
  optionalCount,
  optionalDuration,
  optionalFlag,
  optionalInteger,
  text,
  textLike,
  textOrNumber,
} from "./scalar-codecs.ts";
import {
  attachments,
  dependencies,
  envFiles,
  extraHosts,
  fileMounts,
  addresses,
  keyedTexts,
  keyedTextsOrText,
  modelUses,
  secretMounts,
  ulimits,
  uniqueTexts,
} from "./service-codecs.ts";
import { mapLike, textOf } from "./source-node.ts";

const healthcheck = object({
  test: healthTest,
  interval: optionalDuration,
  timeout: optionalDuration,
  retries: optionalCount,
  start_period: optionalDuration,
  start_interval: optionalDuration,
  disable: flag,
});

/** Options of one driver mean nothing to another. */
const logging = object(
  { driver: text, options: driverOptions },
  {
    merge(base, over, merged) {
      const [before, after] = [textOf(base, "driver"), textOf(over, "driver")];
      return before === after || before === undefined || after === undefined ? merged : over;
    },
  },
);

const extending = object(
  { service: text, file: text },
  {
    required: ["service"],
    short: (node) => mapLike(node, [["service", node]]),
    shortName: "the name of a service",
  },
);

const texty = dict({ bare: "empty" });

const pullPolicies =
  /^(always|never|build|if_not_present|missing|refresh|daily|weekly|every_(\d+[wdhms])+)$/;

/** The fields of a service. @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md */
export const serviceFields: Readonly<Record<string, Codec>> = {
  annotations: texty,
  attach: optionalFlag,
  blkio_config: throttling,
  build,
  cap_add: keyedTexts,
  cap_drop: keyedTexts,
  cgroup: oneOf("host", "private"),
  cgroup_parent: text,
  command,
  configs: fileMounts(""),
  container_name: textLike("a name of two or more letters, digits, _, . and -", (name) =>
    /[a-zA-Z0-9][a-zA-Z0-9_.-]+/.test(name) ? name : undefined,
  ),
  cpu_count: integer,
  cpu_percent: float,
  cpu_period: integer,
  cpu_quota: integer,
  cpu_rt_period: integer,
  cpu_rt_runtime: integer,
  cpu_shares: integer,
  cpus: float,
  cpuset: text,
  credential_spec: object({ config: text, file: text, registry: text }),
  depends_on: dependencies,
  deploy,
  develop: development,
  device_cgroup_rules: uniqueTexts,
  devices: list(device, { keyOf: (item) => textOf(item, "target") ?? "" }),
  dns: addresses,
  dns_opt: keyedTexts,
  dns_search: keyedTextsOrText,
  domainname: text,
  entrypoint: command,
  env_file: envFiles,
  environment: variables,
  expose: list(textOrNumber, { keyOf: (item) => (item.kind === "scalar" ? item.text : "") }),
  extends: extending,
  external_links: uniqueTexts,
  extra_hosts: extraHosts,
  gpus,
  group_add: list(textOrNumber, { unique: true }),
  healthcheck,
  hostname: text,
  image: text,
  init: optionalFlag,
  ipc: text,
  isolation: text,
  label_file: list(path, { orText: true }),
  labels,
  links: keyedTexts,
  logging,
  mac_address: text,
  mem_limit: bytes,
  mem_reservation: bytes,
  mem_swappiness: bytes,
  memswap_limit: bytes,
  models: modelUses,
  network_mode: text,
  networks: attachments,
  oom_kill_disable: flag,
  oom_score_adj: integer,
  pid: text,
  pids_limit: integer,
  platform: text,
  ports,
  post_start: list(hook),
  pre_start: list(preStartHook),
  pre_stop: list(hook),
  privileged: flag,
  profiles: keyedTexts,
  provider,
  pull_policy: textLike('a policy such as "always"', (policy) =>
    pullPolicies.test(policy) ? policy : undefined,
  ),
  pull_refresh_after: text,
  read_only: flag,
  restart: text,
  runtime: text,
  scale: optionalInteger,
  secrets: secretMounts,
  security_opt: uniqueTexts,
  shm_size: bytes,
  stdin_open: flag,
  stop_grace_period: optionalDuration,
  stop_signal: text,
  storage_opt: driverOptions,
  sysctls: texty,
  tmpfs: keyedTextsOrText,
  tty: flag,
  ulimits,
  use_api_socket: flag,
  user: text,
  userns_mode: text,
  uts: text,
  volumes: mounts,
  volumes_from: uniqueTexts,
  working_dir: text,
};
