// Mistakes in compose files: "LINE:COLUMN MESSAGE | HINT", all that a file has.
import { expect, test } from "bun:test";
import { mistakesIn } from "./support/compose-mistakes.ts";

const wholeFiles: readonly (readonly [string, Readonly<Record<string, string>>, ...string[]])[] = [
  [
    "an empty file",
    { "compose.yaml": "" },
    " the file is empty | add a key services, with a service",
  ],
  ["a list", { "compose.yaml": "- a\n" }, "1:1 the file has to be a mapping, not a list"],
  [
    "services at the top",
    { "compose.yaml": "web:\n  image: x\n" },
    `1:1 unknown key "web" | a service stands below the key services`,
  ],
  [
    "a tab",
    { "compose.yaml": "services:\n\tweb: {image: x}\n" },
    "2:1 not valid YAML: tabs are not allowed as indentation | indent with spaces",
  ],
  [
    "a variable between braces",
    { "compose.yaml": "services:\n  a: {image: x, environment: { A: ${B}, C: ${D:-e} }}\n" },
    '2:35 not valid YAML: ${B} has braces of its own between others | put the value in quotation marks: "${B}"',
  ],
  [
    "a variable between brackets",
    { "compose.yaml": "services:\n  a: {image: x}\n  b:\n    command: [sh, ${D:-e}]\n" },
    '4:19 not valid YAML: ${D:-e} has braces of its own between others | put the value in quotation marks: "${D:-e}"',
  ],
  [
    "replicas",
    { "compose.yaml": "services:\n  a:\n    image: x\n    replicas: 2\n" },
    '4:5 unknown key "replicas" in services.a | write scale: 2, or deploy: { replicas: 2 }',
  ],
  [
    "replicas below 0",
    { "compose.yaml": "services:\n  a:\n    image: x\n    deploy:\n      replicas: -1\n" },
    "5:7 services.a cannot run -1 times | write 0 or more",
  ],
  [
    "an invalid name of a service",
    { "compose.yaml": "services:\n  a/b: {image: x}\n  c: {image: x}\n" },
    `2:3 "a/b" cannot be a name | use letters, digits, dots, underscores and hyphens`,
  ],
  [
    "a service that is empty",
    { "compose.yaml": "services:\n  a:\n" },
    "2:3 services.a is empty | give it an image or a build",
  ],
  [
    "an alias in itself",
    { "compose.yaml": "services: &s\n  a: {image: x, labels: *s}\n" },
    "2:17 the alias *s contains itself",
    '2:17 services.a.labels has to be a mapping, or a list of "NAME=VALUE", not empty',
  ],
  [
    "a secret with two sources",
    {
      "compose.yaml":
        "services: {a: {image: x}}\nsecrets:\n  s: {file: a, environment: B}\n  t: {}\n",
    },
    "3:3 secrets.s has file and environment | give it one of file, environment",
    "4:3 secrets.t has no content | give it one of file, environment",
  ],
  [
    "an external volume with more",
    { "compose.yaml": "services: {a: {image: x}}\nvolumes: {v: {external: true, driver: x}}\n" },
    "2:11 volumes.v is external: it cannot have driver | keep only its name",
  ],
  [
    "files that include each other",
    {
      "compose.yaml": "include: [b.yaml]\nservices: {a: {image: x}}\n",
      "b.yaml": "include: [compose.yaml]\n",
    },
    "b.yaml:1:11 files include each other in a circle: compose.yaml -> b.yaml -> compose.yaml",
  ],
  [
    "an include that is not there",
    { "compose.yaml": "include: [b.yaml]\nservices: {a: {image: x}}\n" },
    "1:11 cannot read b.yaml: there is no such file",
  ],
  [
    "an include from elsewhere",
    { "compose.yaml": "include: ['oci://example.org/x']\nservices: {a: {image: x}}\n" },
    "1:11 include: oci://example.org/x is not a file here | download it, and include the copy",
  ],
  [
    "services that extend each other",
    {
      "compose.yaml": "services:\n  a: {image: x, extends: {file: b.yaml, service: b}}\n",
      "b.yaml": "services:\n  b: {extends: c}\n  c: {extends: {file: ./b.yaml, service: b}}\n",
    },
    "b.yaml:3:7 services extend each other in a circle: a -> b -> c -> b",
  ],
  [
    "a mistake in an override",
    {
      "compose.yaml": "services: {a: {image: x}}\n",
      "compose.override.yaml": "services:\n  a:\n    prots: []\n",
    },
    `compose.override.yaml:3:5 unknown key "prots" in services.a | did you mean "ports"?`,
  ],
  [
    "a mistake in .env",
    { "compose.yaml": "services: {a: {image: x}}\n", ".env": "A=1\nB='x\n" },
    ".env:2 unclosed quotation mark | close it with '",
  ],
  [
    "a value that .env gives",
    {
      "compose.yaml": "services: {a: {image: x, cpus: '${CPUS}', tty: '${TTY:-maybe}'}}\n",
      ".env": "A=1\nCPUS=many\n",
    },
    ".env:2 services.a.cpus has to be a number, not the value that its variable gives it",
    "1:43 services.a.tty has to be a boolean, not the value that its variable gives it",
  ],
  [
    "a value of which .env gives a part",
    {
      "compose.yaml": "services: {a: {image: x, ports: ['${HOST}:80']}}\n",
      ".env": "HOST=many\n",
    },
    `1:34 services.a.ports.0: no valid port of the host | write "HOST:CONTAINER" or "ADDRESS:HOST:CONTAINER", with "/udp" behind it for UDP; HOST is set at .env:1`,
  ],
  [
    "a value that the env file of an include gives",
    {
      "compose.yaml": "include: [{path: b/b.yaml, env_file: x.env}]\n",
      "b/b.yaml": "services: {b: {image: y, mem_limit: '${MEMORY}'}}\n",
      "x.env": "MEMORY=much\n",
    },
    'x.env:1 services.b.mem_limit has to be a size such as "512m", not the value that its variable gives it',
  ],
  [
    "a name that .env gives",
    { "compose.yaml": "services: {a: {image: x}}\n", ".env": "\nCOMPOSE_PROJECT_NAME=A b\n" },
    ".env:2 COMPOSE_PROJECT_NAME is not the name of a project | use lower case letters, digits, _ and -, with a letter or digit first",
  ],
  [
    "keys of a service that are indented as services are",
    { "compose.yaml": "services:\n  web:\n  image: x\n  environment: {A: b}\n" },
    "3:3 services.image is a key of a service, not a service | indent it by one level more, below the service that it belongs to",
    "4:3 services.environment is a key of a service, not a service | indent it by one level more, below the service that it belongs to",
    "2:3 services.web is empty | give it an image or a build",
  ],
  [
    "an override that is no mapping",
    { "compose.yaml": "services: {a: {image: x}}\n", "compose.override.yaml": "\u{0}" },
    "compose.override.yaml:1:1 the file has to be a mapping, not a text",
  ],
  [
    "a service that a profile hides",
    {
      "compose.yaml":
        "services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, profiles: [p]}\n",
    },
    `2:30 services.a depends on "b", which no profile selects | name one of its profiles in COMPOSE_PROFILES, or write required: false`,
  ],
];

test.each(wholeFiles)("%s", async (_, files, ...expected) => {
  expect(await mistakesIn(files)).toEqual(expected);
});

test("the value of a variable, which may be secret, is in no message", async () => {
  const body =
    "tty: ${A}\n    cpus: ${A}\n    mem_limit: ${A}\n    pull_policy: ${A}\n    ports: ['${A}']\n    gpus: ${A}";
  const files = {
    "compose.yaml": `services:\n  web:\n    image: x\n    ${body}\n`,
    ".env": "A=hunter2\n",
  };
  const mistakes = await mistakesIn(files);
  expect(mistakes.length).toBeGreaterThanOrEqual(6);
  expect(mistakes.join("\n")).not.toContain("hunter2");
});

test("at most 20 mistakes are reported, and how many more there are", async () => {
  const keys = Array.from({ length: 30 }, (_, index) => `    wrong${index}: x`).join("\n");
  const mistakes = await mistakesIn({
    "compose.yaml": `services:\n  web:\n    image: x\n${keys}\n`,
  });
  expect(mistakes).toHaveLength(21);
  expect(mistakes.at(-1)).toBe(" and 10 more mistakes");
});

test("aliases that multiply are cut off", async () => {
  const levels = Array.from({ length: 9 }, (_, index) => {
    const inner = index === 0 ? "x" : `*a${index - 1}`;
    return `x-a${index}: &a${index} [${Array(10).fill(inner).join(", ")}]`;
  });
  const [mistake] = await mistakesIn({
    "compose.yaml": `${levels.join("\n")}\nservices: {a: {image: x}}\n`,
  });
  expect(mistake).toContain("the file has more than 100000 values");
});

test("nesting without end is cut off", async () => {
  const [mistake] = await mistakesIn({ "compose.yaml": `x-a: ${"[".repeat(5000)}` });
  expect(mistake).toMatch(/nested|not valid YAML/);
});

test("a file without end is cut off", async () => {
  const [mistake] = await mistakesIn({ "compose.yaml": "#".repeat(1_000_001) });
  expect(mistake).toBe(" cannot read compose.yaml: it is larger than 1 MB");
});
