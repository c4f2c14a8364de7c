/** What an Engine answers to `GET /_ping`; undefined to any other request. */
export function greetingTo({ url }: Request): Response | undefined {
  if (!url.endsWith("/_ping")) return undefined;
  return new Response("OK", { headers: { "Api-Version": "1.41" } });
}
