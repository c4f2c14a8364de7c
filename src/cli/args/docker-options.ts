/** Options of Docker and Compose that are no keys here -> what to do instead. */
const instead: Readonly<Record<string, string>> = {
  build: "build first: reyns build all builds what has changed",
  d: "not needed: what runs goes on running when reyns ends",
  detach: "not needed: what runs goes on running when reyns ends",
  e: "give variables in the environment: NAME=value reyns …; or in host.conf, or as env in reyns.ts",
  env: "give variables in the environment: NAME=value reyns …; or in host.conf, or as env in reyns.ts",
  file: "not needed: reyns.ts is looked for from this folder upwards; PROJECT_DIR names another",
  name: "the instance's name is the second word: reyns run SERVICE INSTANCE",
  publish: 'publish ports in reyns.ts: ports: ["8080:80"]',
  scale: "call service() in a loop in reyns.ts, each with its own instance name",
};

/** What to do instead of a key that only Docker or Compose has. */
export function insteadOfKey(key: string): string | undefined {
  return Object.hasOwn(instead, key) ? instead[key] : undefined;
}
