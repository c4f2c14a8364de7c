// The project of swarm-services.test.ts: a Swarm service, and a container that looks at it.

/** A line, as each task prints it when it starts, with what it has been given. */
const line = 'echo "up $VERSION $INSTANCE_NAME as $TOKEN with $(cat /etc/api.conf)"';

/** @param version what its tasks print, so that another one is an update */
export const definition = (
  version: string,
  { swarm = "swarm: undefined", begin = "", image = "debian:bookworm-slim" } = {},
): string => `
import { network, required, service } from "reyns";
network("mesh", { driver: "overlay", attachable: true });
const image = "${image}";
const command = ["sh", "-c", ${JSON.stringify(`${begin}${line}; exec sleep infinity`)}];
service("api", {
  image,
  command,
  networks: ["mesh"],
  stopSignal: "SIGKILL",
  env: { VERSION: "${version}", INSTANCE_NAME: "{{one}}", TOKEN: required({ secret: true }) },
  files: { "/etc/api.conf": "configured" },
  ${swarm},
});
service("probe", { image, command: ["sleep", "infinity"], networks: ["mesh"], stopSignal: "SIGKILL" });
`;

/** Two tasks, which are updated together. */
export const two = 'swarm: { replicas: 2, monitor: "0.5s", parallelism: 2 }';
// A busy machine may take a while to notice that a task has ended.
export const firstStart =
  'swarm: { replicas: 2, monitor: "4s", parallelism: 2, order: "start-first" }';
/** What TOKEN is given in the environment of a call. */
export const secret = "s3cret-7f1a";
