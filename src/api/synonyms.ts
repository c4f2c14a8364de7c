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
  configs: 'mount the file: volumes: ["./file:/path:ro"]',
  containerName: "not needed: an instance is called SERVICE-INSTANCE everywhere",
  cpuset: "not supported; limit the CPU time with cpus",
  deploy:
    "not needed: cpus, memLimit and restart are fields of their own; for replicas, call service() in a loop",
  dns: "not needed: instances use the project's DNS, which dns() defines",
  dnsSearch: "not needed: instances resolve each other's short names",
  domainname: "not needed: set the zone with dns({ zone })",
  expose: "not needed: instances reach each other on every port; to publish on the host, use ports",
  extends: 'spread a constant instead: { ...base, instance: "one" }',
  gpus: "not supported; pass device files with devices",
  macAddress: "not supported; addresses are derived from the instance's name",
  name: 'the name is the first argument: service("NAME", { … }); the instance\'s name is instance: "one"',
  networks: "not needed: all instances of a project share a network of their own",
  networkMode: "to use the host's network, write nethost: true; otherwise not needed",
  platform: "set it in the Dockerfile: FROM --platform=linux/arm64 IMAGE",
  profiles: 'use group: "NAME" and run group=NAME, or autorun: false',
  pullPolicy: "not needed: missing images are pulled",
  replicas: "call service() in a loop, each time with another instance name",
  runtime: "not supported: set the default runtime of the Engine",
  scale: "call service() in a loop, each time with another instance name",
  secrets: 'in env: NAME: required({ secret: true }); a file: volumes: ["./file:/path:ro"]',
  services: 'call service("NAME", { … }) for each of them',
  service: 'the name is the first argument: service("NAME", { … })',
  sleep: "not needed: give the other instance a ready check, and this one after: [other]",
  usernsMode: "not supported: configure it in the Engine",
  version: "not needed",
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
