import { project, ready, service } from "reyns";

project("my-project");

// Built from services/hello. "reyns run" returns when the page answers at http://localhost:8080.
service("hello", {
  instance: "one",
  env: { GREETING: "Hello" },
  ports: ["127.0.0.1:8080:8080"], // for this machine only
  ready: ready.http(8080),
});
