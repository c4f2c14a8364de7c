const socket = "/var/run/docker.sock";

/** Sends a request to the Engine. @throws Error if it answers with an error */
export async function askEngine(method: string, path: string, body?: object): Promise<string> {
  const response = await fetch(`http://engine${path}`, {
    unix: socket,
    method,
    ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text;
}

/** Lists the ids of containers with a label, `name=value`, including stopped ones. */
export async function listContainers(label: string): Promise<string[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
  const text = await askEngine("GET", `/containers/json?all=true&filters=${filters}`);
  return (JSON.parse(text) as { Id: string }[]).map(({ Id }) => Id);
}

/** Such as "20.10.24". */
export async function versionOfEngine(): Promise<string> {
  const { Version } = JSON.parse(await askEngine("GET", "/version")) as { Version: string };
  return Version;
}
