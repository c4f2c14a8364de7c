/** "repo/name:tag" -> ["repo/name", "tag"]. A registry's port is not a tag. */
export function splitTag(name: string): [string, string] {
  const match = /^(.*):([^/:]+)$/.exec(name);
  return match ? [match[1] ?? name, match[2] ?? "latest"] : [name, "latest"];
}
