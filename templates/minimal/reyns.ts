import { project, ready, service } from "reyns";

project("my-project");

// Built from the folder services/hello. "reyns run" returns when its page answers.
service("hello", {
  instance: "one",
  env: { GREETING: "Hello" },
  ready: ready.http(8080),
});
