// The Engine's API without a client: a start of `docker` costs ten times as much CPU as a request.

const socket = "/var/run/docker.sock";

/** Sends a request to the usual Engine; an error is an answer. */
export function askEngine(method: string, path: string, body?: object): Promise<Response> {
  return fetch(`http://engine${path}`, {
    unix: socket,
    method,
    ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
}

/** The same for a request that must succeed; resolves to the parsed answer. */
export async function engineAnswer<Answer>(
  method: string,
  path: string,
  body?: object,
): Promise<Answer> {
  const response = await askEngine(method, path, body);
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (text === "" ? undefined : JSON.parse(text)) as Answer;
}

/** Removes something that may be gone, or still in use by somebody else, by now. */
export async function removeIfPossible(path: string): Promise<void> {
  const response = await askEngine("DELETE", path);
  const text = await response.text();
  // Docker 20.10 answers 500 when an image goes between its own look and its removal.
  const isGone = response.status === 404 || text.includes("unrecognized image ID");
  if (!response.ok && !isGone && response.status !== 409)
    throw new Error(`DELETE ${path}: ${response.status} ${text}`);
}

export type Filters = Readonly<Record<string, readonly string[]>>;

/** For the end of a path: `filters=…`. */
function filterQuery(filters: Filters): string {
  return `filters=${encodeURIComponent(JSON.stringify(filters))}`;
}

/** Ids of containers, stopped ones too; the newest first. */
export async function listContainers(...labels: readonly string[]): Promise<string[]> {
  const path = `/containers/json?all=true&${filterQuery({ label: labels })}`;
  return (await engineAnswer<{ Id: string }[]>("GET", path)).map(({ Id }) => Id);
}

export async function listNetworks(...labels: readonly string[]): Promise<string[]> {
  const path = `/networks?${filterQuery({ label: labels })}`;
  return (await engineAnswer<{ Id: string }[]>("GET", path)).map(({ Id }) => Id);
}

export async function listVolumes(...labels: readonly string[]): Promise<string[]> {
  const path = `/volumes?${filterQuery({ label: labels })}`;
  const { Volumes } = await engineAnswer<{ Volumes: { Name: string }[] | null }>("GET", path);
  return (Volumes ?? []).map(({ Name }) => Name);
}

export interface ListedImage {
  readonly Id: string;
  /** `<none>:<none>`, or none at all, without a name. */
  readonly RepoTags: readonly string[] | null;
  readonly Labels: Readonly<Record<string, string>> | null;
}

export function listImages(filters: Filters): Promise<ListedImage[]> {
  return engineAnswer("GET", `/images/json?${filterQuery(filters)}`);
}

/** What `docker inspect` says of a container; undefined when it is gone. */
export async function inspectContainer<Answer>(id: string): Promise<Answer | undefined> {
  const response = await askEngine("GET", `/containers/${encodeURIComponent(id)}/json`);
  const text = await response.text();
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`container ${id}: ${response.status} ${text}`);
  return JSON.parse(text) as Answer;
}

/** Makes an image of a container, as `docker commit` does, which sends no body: Podman wants one. Resolves to its id. */
export async function commitContainer(id: string): Promise<string> {
  const path = `/commit?container=${encodeURIComponent(id)}`;
  return (await engineAnswer<{ Id: string }>("POST", path, {})).Id;
}
