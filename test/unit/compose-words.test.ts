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
  ["exec web one -- psql", "shell web one -- psql"],
  ["exec -it db", "shell db"],
  ["exec db command=id json", "shell db command=id json"],
  ["exec db psql", "exec db -- psql"],
  ["exec db psql -U postgres -c x=1", "exec db -- psql -U postgres -c x=1"],
  ["exec -T -u root -e A=1 -w /tmp db ls -l", "exec -u root -e A=1 -w /tmp db -- ls -l"],
  ["exec --user=root db one ls", "exec --user=root db -- one ls"],
  ["ps all", "ps all"],
])("%s means %s", (compose, own) => {
  expect(translateCompose(tokenize(compose.split(" ")))).toEqual(tokenize(own.split(" ")));
});
