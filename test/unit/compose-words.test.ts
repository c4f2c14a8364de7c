import { expect, test } from "bun:test";
import { tokenize } from "../../src/cli/args/tokenize.ts";
import { translateCompose } from "../../src/cli/compose-words.ts";

test.each([
  ["up", "run all"],
  ["up -d", "run all"],
  ["up --detach --remove-orphans", "run all prune=true"],
  ["up web", "run web"],
  ["up group=node1", "run group=node1"],
  ["down", "clean all"],
  ["rm web one", "clean web one"],
  ["exec db -- psql", "shell db -- psql"],
  ["top", "status"],
  ["ps all", "ps all"],
])("%s means %s", (compose, own) => {
  expect(translateCompose(tokenize(compose.split(" ")))).toEqual(tokenize(own.split(" ")));
});
