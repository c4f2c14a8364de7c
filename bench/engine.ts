const socket = "/var/run/docker.sock";

/** Asks the Engine with nothing around the question. @throws Error if it refuses */
export async function askEngine(method: string, path: string, body?: object): Promise<string> {
  const answer = await fetch(`http://engine${path}`, {
    unix: socket,
    method,
    ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text;
}

/** The ids of the containers with a label, `name=value`, stopped ones too. */
export async function listContainers(label: string): Promise<string[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
  const text = await askEngine("GET", `/containers/json?all=true&filters=${filters}`);
  return (JSON.parse(text) as { Id: string }[]).map(({ Id }) => Id);
}

/** "20.10.24", as the Engine says. */
export async function versionOfEngine(): Promise<string> {
  const { Version } = JSON.parse(await askEngine("GET", "/version")) as { Version: string };
  return Version;
}
