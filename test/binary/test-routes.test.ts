// Tests that request what the router serves, by the names in the definition.
import { expect, setDefaultTimeout, test } from "bun:test";
import { createProject } from "./support/project.ts";

setDefaultTimeout(300_000);

/** Answers each request with its host and its path. */
const server = `use IO::Socket::INET; my $l = IO::Socket::INET->new(LocalPort => 3000, Listen => 9, ReuseAddr => 1);
print STDERR "listening\\n"; while (my $c = $l->accept) { my ($r, $h) = (scalar <$c>, "");
while (<$c>) { $h = $1 if /^host: *(\\S+)/i; last if /^\\r?$/ } my $p = (split / /, $r)[1]; my $t = "$h $p";
print $c "HTTP/1.1 200 OK\\r\\nContent-Length: " . length($t) . "\\r\\nConnection: close\\r\\n\\r\\n$t"; close $c }`;

test("fetch goes through the router, over HTTP and HTTPS, for the host that the definition names", async () => {
  await using shop = await createProject({
    "reyns.ts": `import { expect, project, ready, router, service, test } from "reyns";
project("routed-tests");
router({ http: 28241, https: 28242 });
const web = service("web", { image: "debian:bookworm-slim", command: ["perl", "-e", ${JSON.stringify(server)}],
  ready: ready.log("listening"), route: { host: "shop.example.com", port: 3000 } });
test("by the host", async ({ fetch, $ }) => {
  const copy = (await $\`echo "$REYNS_COPY"\`).stdout.trim();
  const served = copy + ".shop.example.com";
  expect(await (await fetch("shop.example.com", "/a?b=1")).text()).toBe(served + " /a?b=1");
  expect(await (await fetch("https://shop.example.com/c")).text()).toBe(served + " /c");
  expect(await (await fetch("http://shop.example.com/d")).text()).toBe(served + " /d");
});
test("at the instance itself", async ({ fetch }) => {
  expect(await (await fetch(web, "/e")).text()).toMatch(/^[\\d.]+:3000 \\/e$/);
});
`,
  });
  const { status, stdout, stderr } = await shop.reyns("test");
  expect(status, stdout + stderr).toBe(0);
  expect(stdout).toContain("2 tests: 2 passed");
});
