import { camelCase } from "../lib/letter-case.ts";
import { acceptedHint, didYouMean } from "../lib/suggest.ts";

/** Names of fields in other tools, in camelCase -> their names here. */
const synonyms: Readonly<Record<string, string>> = {
  arguments: "args",
  cmd: "command",
  cpu: "cpus",
  dependsOn: "after",
  docker: "dockerfile",
  entryPoint: "entrypoint",
  environment: "env",
  envVars: "env",
  file: "dockerfile",
  healthCheck: "healthcheck",
  hostName: "hostname",
  hostPort: "host",
  containerPort: "container",
  published: "host",
  memory: "memLimit",
  mem: "memLimit",
  mounts: "volumes",
  net: "nethost",
  requires: "after",
  restartPolicy: "restart",
  stopTimeout: "stopGracePeriod",
  target: "container",
  type: "instanceType",
  variables: "env",
  workdir: "workingDir",
};

/** Fields of Compose, and of the older confs, that a `reyns.ts` does not have -> the alternative. */
const alternatives: Readonly<Record<string, string>> = {
  annotations: "not supported; use labels",
  attach: "not needed: run does not show output; reyns logs SERVICE follow does",
  blkioConfig: "not supported",
  cgroup: "not supported",
  cgroupParent: "not supported: configure it in the Engine",
  configs: 'mount the file: volumes: ["./file:/path:ro"]',
  containerName: "not needed: an instance is called SERVICE-INSTANCE everywhere",
  cpuCount: "not supported; limit the CPU time with cpus",
  cpuPercent: "not supported; limit the CPU time with cpus",
  cpuPeriod: "not supported; limit the CPU time with cpus",
  cpuQuota: "not supported; limit the CPU time with cpus",
  cpuRtPeriod: "not supported",
  cpuRtRuntime: "not supported",
  cpuShares: "not supported; limit the CPU time with cpus",
  cpuset: "not supported; limit the CPU time with cpus",
  credentialSpec: "not supported",
  deploy:
    "not needed: cpus, memLimit and restart are fields of their own; for replicas, call service() in a loop",
  develop: 'not supported; mount the files: volumes: ["./src:/app/src"]',
  deviceCgroupRules: "not supported; pass device files with devices",
  dns: "not supported: instances use the project's DNS, which dns() defines, or the Engine's; set resolvers in the Engine",
  dnsOpt: "not supported: set resolver options in the Engine",
  dnsSearch: "not needed: instances resolve each other's short names",
  domainname: "not needed: set the zone with dns({ zone })",
  expose: "not needed: instances reach each other on every port; to publish on the host, use ports",
  extends: 'spread a constant instead: { ...base, instance: "one" }',
  externalLinks: 'not supported; for an address outside the project: extraHosts: ["NAME:ADDRESS"]',
  gpus: "not supported; pass device files with devices",
  isolation: "not supported",
  labelFile: "not supported; write labels, or read the file in reyns.ts",
  macAddress: "not supported; addresses are derived from the instance's name",
  memSwappiness: "not supported; limit the memory with memLimit",
  memswapLimit: "not supported; limit the memory with memLimit",
  models: "not supported",
  name: 'the name is the first argument: service("NAME", { … }); the instance\'s name is instance: "one"',
  networks: "not needed: all instances of a project share a network of their own",
  networkMode: "to use the host's network, write nethost: true; otherwise not needed",
  oomKillDisable: "not supported; limit the memory with memLimit",
  oomScoreAdj: "not supported; limit the memory with memLimit",
  platform: "set it in the Dockerfile: FROM --platform=linux/arm64 IMAGE",
  postStart:
    "not supported; use a prestartup script of the image, or a job() that starts after this service",
  preStop: "not supported; handle the stop signal in the image",
  profiles: 'use group: "NAME" and run group=NAME, or autorun: false',
  provider: "not supported",
  pullPolicy: "not needed: missing images are pulled",
  replicas: "call service() in a loop, each time with another instance name",
  runtime: "not supported: set the default runtime of the Engine",
  scale: "call service() in a loop, each time with another instance name",
  secrets: 'in env: NAME: required({ secret: true }); a file: volumes: ["./file:/path:ro"]',
  services: 'call service("NAME", { … }) for each of them',
  service: 'the name is the first argument: service("NAME", { … })',
  sleep: "not needed: give the other instance a ready check, and this one after: [other]",
  storageOpt: "not supported: configure the storage in the Engine",
  useApiSocket: 'mount the socket: volumes: ["/var/run/docker.sock:/var/run/docker.sock"]',
  usernsMode: "not supported: configure it in the Engine",
  uts: "not supported",
  version: "not needed",
  volumesFrom: 'give both the same volume: volumes: { data: "/data" }',
};

/** Longer lists of accepted keys are not printed: each mistake would fill the screen. */
const longestList = 20;

/** How to correct a key that is not accepted: its name here, the alternative, or the nearest accepted key. */
export function hintForKey(key: string, accepted: readonly string[]): string {
  const name = camelCase(key.replace(/^[A-Z]/, (letter) => letter.toLowerCase()));
  const same = [name, synonyms[name]].find(
    (candidate) => candidate !== undefined && accepted.includes(candidate),
  );
  if (same !== undefined) return `write it as ${same}`;
  const alternative = accepted.includes("image") ? alternatives[name] : undefined;
  if (alternative !== undefined) return alternative;
  if (accepted.length <= longestList) return acceptedHint(key, accepted);
  return didYouMean(key, accepted) ?? "see the fields of service() in docs/reference.md";
}
