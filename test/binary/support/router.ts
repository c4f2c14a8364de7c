import { createHash } from "node:crypto";
import { must } from "../../engine/support/images-container.ts";
import { createProject, type Project } from "./project.ts";
import { containerOf } from "./reach.ts";

const fixtures = `${import.meta.dir}/../../fixtures/router`;

export interface RouterPorts {
  readonly http: number;
  readonly https: number;
  /** Sends HTTP to HTTPS. */
  readonly redirect?: boolean;
}

/** The text of a `reyns.ts` with a router, in which `serve(SERVICE, OPTIONS)` defines an instance that listens at 3000. */
export function routedScript(
  name: string,
  { http, https, redirect = false }: RouterPorts,
  body: string,
): string {
  return `import { project, router, service } from "reyns";
project("${name}");
router({ http: ${http}, https: ${https}, redirect: ${redirect} });
const serve = (service_: string, { instance = "one", ...options }: object & { instance?: string } = {}) =>
  service(service_, {
    image: "reyns/reyns-common", command: ["/bun", "/server.js"], stopGracePeriod: 2, instance,
    env: { NAME: service_ + "-" + instance },
    volumes: ["${process.execPath}:/bun:ro", "./server.js:/server.js:ro"], ...options });
${body}
`;
}

export async function createRouted(
  name: string,
  ports: RouterPorts,
  body: string,
): Promise<Project> {
  const read = (file: string): Promise<string> => Bun.file(`${fixtures}/${file}`).text();
  return createProject({
    "server.js": await read("server.js"),
    "h2c-server.js": await read("h2c-server.js"),
    "reyns.ts": routedScript(name, ports, body),
  });
}

/** The certificate of the router's own authority. */
export async function rootCertificate({ folder }: Project): Promise<string> {
  const router = await containerOf(folder, "reyns-router");
  const root = "/var/lib/caddy/authority/root.crt";
  return must("docker", "exec", router, "cat", root);
}

/** The digest of the certificate that the router has for a host. */
export async function fingerprintOf({ folder }: Project, host: string): Promise<string> {
  const router = await containerOf(folder, "reyns-router");
  const file = `/var/lib/caddy/certificates/local/${host}/${host}.crt`;
  const text = await must("docker", "exec", router, "cat", file);
  return createHash("sha256").update(text).digest("hex");
}

/** The only network of a container. */
export function networkOf(id: string): Promise<string> {
  const format = "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}";
  return must("docker", "inspect", "-f", format, id);
}

/** What the server of an instance answers. */
export interface Answer {
  readonly name: string;
  readonly pathname: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Asks a host of the router over HTTP. */
export async function ask({ http }: RouterPorts, host: string, path = "/"): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${http}${path}`, {
    headers: { host, "x-forwarded-for": "1.2.3.4" },
  });
  if (!response.ok) throw new Error(`${host}${path}: ${response.status}`);
  return (await response.json()) as Answer;
}

/** The name of the instance that answers, asked again until there is an answer, for some minutes. */
export async function nameOnceServed(
  ports: RouterPorts,
  host: string,
  path: string,
): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    try {
      return (await ask(ports, host, path)).name;
    } catch (error) {
      if (attempt > 900) throw error;
      await Bun.sleep(100);
    }
  }
}

export const chunkSize = 4 * 1024 * 1024;

interface Uploaded {
  readonly size: number;
  /** When the first byte arrived, and when all was answered. */
  readonly first: number;
  readonly ended: number;
}

/** Uploads so many chunks, with a pause after the first. */
export async function upload(
  { http }: RouterPorts,
  host: string,
  chunks: number,
): Promise<Uploaded> {
  const chunk = new Uint8Array(chunkSize);
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (sent === 1) await Bun.sleep(300);
      if (sent++ < chunks) controller.enqueue(chunk);
      else controller.close();
    },
  });
  const url = `http://127.0.0.1:${http}/upload`;
  const answer = await fetch(url, { method: "POST", headers: { host }, body });
  const ended = Date.now();
  return { ...((await answer.json()) as Omit<Uploaded, "ended">), ended };
}

/** The names of the instances that answer so many requests. */
export async function namesOf(
  ports: RouterPorts,
  host: string,
  count: number,
  path?: string,
): Promise<Set<string>> {
  const answers = await Promise.all(Array.from({ length: count }, () => ask(ports, host, path)));
  return new Set(answers.map(({ name }) => name));
}

/** A WebSocket through the router that is open. */
export async function openSocket({ http }: RouterPorts, host: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${http}/`, { headers: { host } });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.addEventListener("open", () => resolve());
  socket.addEventListener("error", () => reject(new Error(`no WebSocket to ${host}`)));
  await promise;
  return socket;
}

/** What a WebSocket answers to a text. */
export async function echo(socket: WebSocket, text: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  socket.addEventListener("message", ({ data }) => resolve(String(data)), { once: true });
  socket.addEventListener("close", () => reject(new Error("closed")), { once: true });
  socket.send(text);
  return promise;
}
