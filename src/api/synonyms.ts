import { camelCase } from "../lib/letter-case.ts";
import { acceptedHint, didYouMean, nearest } from "../lib/suggest.ts";

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
  net: "networkMode",
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
  attach: "not needed: run does not show output; reyns logs SERVICE follow does",
  configs: 'write files: { "/PATH": file("./FILE") }',
  containerName: "not needed: an instance is called SERVICE-INSTANCE everywhere",
  cpuCount: "not supported; limit the CPU time with cpus",
  cpuPercent: "not supported; limit the CPU time with cpus",
  credentialSpec: "not supported",
  deploy:
    "not needed: cpus, memLimit and restart are fields of their own; for replicas, call service() in a loop",
  develop: 'not supported; mount the files: volumes: ["./src:/app/src"]',
  expose: "not needed: instances reach each other on every port; to publish on the host, use ports",
  extends: 'spread a constant instead: { ...base, instance: "one" }',
  externalLinks: 'not supported; for an address outside the project: extraHosts: ["NAME:ADDRESS"]',
  isolation: "not supported",
  labelFile: "not supported; write labels, or read the file in reyns.ts",
  models: "not supported",
  name: 'the name is the first argument: service("NAME", { … }); the instance\'s name is instance: "one"',
  preStart: "use a job(), and after: [job] here; in an own image, a prestartup script",
  profiles: 'use group: "NAME" and run group=NAME, or autorun: false',
  provider: "not supported",
  replicas: "call service() in a loop, each time with another instance name",
  scale: "call service() in a loop, each time with another instance name",
  services: 'call service("NAME", { … }) for each of them',
  service: 'the name is the first argument: service("NAME", { … })',
  sleep: "not needed: give the other instance a ready check, and this one after: [other]",
  useApiSocket: 'mount the socket: volumes: ["/var/run/docker.sock:/var/run/docker.sock"]',
  version: "not needed",
};

/** Longer lists of accepted keys are not printed: each mistake would fill the screen. */
const longestList = 20;
const editorTypes =
  "accepted: the fields in .reyns/reyns.d.ts, which reyns check writes for your editor";

/** Keys that a target does not have -> what to write instead. */
const targetAlternatives: Readonly<Record<string, string>> = {
  name: 'the link gets its name from link(db, "NAME")',
  restart: "write { db, restart: true }",
};

/** How to correct a key that is not accepted: its name here, the alternative, or the nearest accepted key. */
export function hintForKey(key: string, accepted: readonly string[]): string {
  const name = camelCase(key.replace(/^[A-Z]/, (letter) => letter.toLowerCase()));
  const same = [name, synonyms[name]].find(
    (candidate) => candidate !== undefined && accepted.includes(candidate),
  );
  if (same !== undefined) return `write it as ${same}`;
  const alternative = accepted.includes("image") ? alternatives[name] : undefined;
  if (alternative !== undefined) return alternative;
  const isTarget = accepted.join(",") === "service,instance";
  const forTarget = isTarget ? targetAlternatives[name] : undefined;
  if (forTarget !== undefined) return forTarget;
  if (accepted.length <= longestList) return acceptedHint(key, accepted);
  const meant = nearest(name, Object.keys(synonyms));
  const own = meant === undefined ? undefined : synonyms[meant];
  const isOwn = own !== undefined && accepted.includes(own);
  return didYouMean(key, accepted) ?? (isOwn ? `write it as ${own}` : editorTypes);
}
