import { expect, project, ready, service, test } from "reyns";

project("my-project");

// Built from services/hello. "reyns run" returns when the page answers at http://localhost:8080.
const hello = service("hello", {
  instance: "one",
  env: { GREETING: "Hello" },
  ports: ["127.0.0.1:8080:8080"], // for this machine only
  ready: ready.http(8080),
});

// "reyns test" runs this in a copy of the platform.
test("the page has the greeting", async ({ fetch }) => {
  const page = await fetch(hello, "/");
  expect(await page.text()).toContain("Hello from hello-one");
});
