import { project, ready, service } from "reyns";

project("my-project");

// Built from services/hello. "reyns run" returns when the page answers.
service("hello", {
  instance: "one",
  env: { GREETING: "Hello" },
  ready: ready.http(8080),
});
