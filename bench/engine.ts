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

/** "20.10.24", as the Engine says. */
export async function versionOfEngine(): Promise<string> {
  const { Version } = JSON.parse(await askEngine("GET", "/version")) as { Version: string };
  return Version;
}
