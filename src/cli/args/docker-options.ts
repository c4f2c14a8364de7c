/** Options of Docker and Compose that do not exist here -> what to do instead. */
const replacements: Readonly<Record<string, string>> = {
  build: "build first: reyns build all builds what has changed",
  d: "not needed: instances keep running when reyns exits",
  detach: "not needed: instances keep running when reyns exits",
  e: "set variables in the environment (NAME=value reyns …), in host.conf, or as env in reyns.ts",
  env: "set variables in the environment (NAME=value reyns …), in host.conf, or as env in reyns.ts",
  file: "not needed: reyns.ts is searched for from this folder upwards; PROJECT_DIR selects another",
  name: "the instance's name is the second argument: reyns run SERVICE INSTANCE",
  publish: 'publish ports in reyns.ts: ports: ["8080:80"]',
  scale: "call service() in a loop in reyns.ts, each with its own instance name",
};

export function suggestForDockerOption(key: string): string | undefined {
  return Object.hasOwn(replacements, key) ? replacements[key] : undefined;
}
