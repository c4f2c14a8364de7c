import { acceptedHint, didYouMean } from "../lib/suggest.ts";

/** What other tools call a field, in camelCase -> its name here. */
const sameAs: Readonly<Record<string, string>> = {
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

/** What Compose has and this file does not -> what to do instead. */
const instead: Readonly<Record<string, string>> = {
  configs: 'mount the file: volumes: ["./file:/path:ro"]',
  containerName: "not needed: an instance is known as SERVICE-INSTANCE everywhere",
  cpuset: "not supported; cpus limits how much it gets",
  deploy:
    "not needed: cpus, memLimit and restart are fields of their own; for replicas, call service() in a loop",
  dns: "not needed: dns() defines the project's own, and every instance asks it",
  dnsSearch: "not needed: instances know each other by their short names",
  domainname: "not needed: the names are in the zone of dns()",
  expose: "not needed: instances reach each other on every port; ports publishes on the host",
  extends: 'spread a constant instead: { ...base, instance: "one" }',
  gpus: "not supported; devices gives it device files",
  macAddress: "not supported; addresses follow from the instance's name",
  name: 'the name comes first: service("NAME", { … }); that of the instance is instance: "one"',
  networks: "not needed: all instances of a project are in one network of its own",
  networkMode: "for the host's own network: nethost: true; else not needed",
  platform: "say it in the Dockerfile: FROM --platform=linux/arm64 IMAGE",
  profiles: 'use group: "NAME" and run group=NAME, or autorun: false',
  pullPolicy: "not needed: an image that is not there is pulled",
  replicas: "call service() in a loop, each with its own instance name",
  runtime: "not supported: it is the Engine's default",
  scale: "call service() in a loop, each with its own instance name",
  secrets: 'in env: NAME: required({ secret: true }); a file: volumes: ["./file:/path:ro"]',
  services: 'each one is a call: service("NAME", { … })',
  service: 'the name comes first: service("NAME", { … })',
  sleep:
    "not needed: give the other one ready, and this one after; it then waits as long as it takes",
  usernsMode: "not supported: it is the Engine's setting",
  version: "not needed",
};

/** What to write for a key that is not accepted: its name here, what to do instead, or the nearest of the accepted. */
export function keyHint(key: string, accepted: readonly string[]): string {
  const camel = key
    .replace(/^[A-Z]/, (letter) => letter.toLowerCase())
    .replace(/[_-]+([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const same = [camel, sameAs[camel]].find((name) => name !== undefined && accepted.includes(name));
  if (same !== undefined) return `write it as ${same}`;
  const advice = accepted.includes("image") ? instead[camel] : undefined;
  if (advice !== undefined) return advice;
  // Nobody reads all the keys of a service beside the one that was meant.
  return (
    (accepted.length > 20 ? didYouMean(key, accepted) : undefined) ?? acceptedHint(key, accepted)
  );
}
