// Mistakes in compose files: "LINE:COLUMN MESSAGE | HINT", all that a file has.
import { expect, test } from "bun:test";
import { relative } from "node:path";
import { readCompose } from "../../src/project/compose/read.ts";
import { projectFolder, thrownBy } from "./support/project-folder.ts";

const caller = { HOME: "/home/user" };

/** The mistakes of compose.yaml, and of other files with their names. */
async function mistakesIn(files: Readonly<Record<string, string>>): Promise<string[]> {
  await using project = await projectFolder(files);
  return thrownBy(() => readCompose(project.folder, caller)).map(({ at, message, hint }) => {
    const file = at === undefined ? "" : relative(project.folder, at.file);
    const place = [...(file === "compose.yaml" ? [] : [file]), at?.line, at?.column]
      .filter((part) => part !== undefined)
      .join(":");
    const text = `${place} ${message}${hint === undefined ? "" : ` | ${hint}`}`;
    return text.replaceAll(`${project.folder}/`, "");
  });
}

/** The body of the service web, from line 3 on; its keys begin in column 5. */
const inService: readonly (readonly [string, ...string[]])[] = [
  [
    "image: 5",
    `3:5 services.web.image has to be a text, not a number | write it in quotation marks: "5"`,
  ],
  ["image: [a]", "3:5 services.web.image has to be a text, not a list"],
  ["image: x\n    image: y", `4:5 the key "image" is there twice | the other is at line 3`],
  ["imgae: x", `3:5 unknown key "imgae" in services.web | did you mean "image"?`],
  [
    "image: x\n    env: {A: 1}",
    `4:5 unknown key "env" in services.web | did you mean environment?`,
  ],
  ["image: x\n    ports:", "4:5 services.web.ports has to be a list, not empty"],
  ["image: x\n    ports: 80", "4:5 services.web.ports has to be a list, not a number"],
  [
    "image: x\n    ports: [a, '80:80/foo']",
    `4:13 services.web.ports.0: no valid port of the container | write "HOST:CONTAINER" or "ADDRESS:HOST:CONTAINER", with "/udp" behind it for UDP`,
    `4:16 services.web.ports.1: no such protocol | write "HOST:CONTAINER" or "ADDRESS:HOST:CONTAINER", with "/udp" behind it for UDP`,
  ],
  [
    "image: x\n    ports: [{published: 1, hots_ip: a}]",
    `4:28 unknown key "hots_ip" in services.web.ports.0 | did you mean "host_ip"?`,
    "4:13 services.web.ports.0 lacks the key target",
  ],
  ["image: x\n    tty: maybe", `4:5 services.web.tty has to be a boolean, not "maybe"`],
  ["image: x\n    cpus: many", `4:5 services.web.cpus has to be a number, not "many"`],
  [
    "image: x\n    mem_limit: 5x",
    `4:5 services.web.mem_limit has to be a size such as "512m", not "5x"`,
  ],
  [
    "image: x\n    stop_grace_period: '10'",
    `4:5 services.web.stop_grace_period has to be a duration such as the text "1m30s", not "10"`,
  ],
  [
    "image: x\n    healthcheck: {test: [curl]}",
    "4:26 services.web.healthcheck.test has to begin with CMD, CMD-SHELL or NONE | write a text for a shell",
  ],
  [
    "image: x\n    command: it's",
    `4:5 services.web.command has a quotation mark or bracket that is not closed | write a list of words, ["sh", "-c", "…"] for a shell`,
  ],
  [
    "image: x\n    environment: {A: [1], B: 2001-01-01}",
    "4:19 services.web.environment.A has to be a text, a number, a boolean or empty, not a list",
    `4:27 services.web.environment.B has to be a text, a number, a boolean or empty, not a date | write it in quotation marks: "2001-01-01"`,
  ],
  [
    "image: x\n    environment: ['A =1']",
    `4:19 services.web.environment.0 has a blank before "=" | remove it`,
  ],
  [
    "image: x\n    depends_on: [webb]",
    `4:18 services.web depends on "webb", which is not defined | did you mean "web"?`,
  ],
  [
    "image: x\n    depends_on: {db: {condition: ready}}",
    `4:23 services.web.depends_on.db.condition has to be one of the texts service_started, service_healthy, service_completed_successfully, not "ready"`,
  ],
  ["image: x\n    depends_on: [web]", "4:5 services depend on each other in a circle: web -> web"],
  [
    "image: x\n    volumes: [data:/data, '/a:/b', './c:/b:ro:x']",
    `4:36 services.web.volumes.2: too many colons | write "SOURCE:TARGET", with ":ro" behind it for one that is only read`,
    `4:15 services.web uses "data", which volumes does not define | add it to volumes, at the end of the file`,
  ],
  [
    "image: x\n    volumes: [{type: bind, target: /b}]",
    "4:15 services.web.volumes.0 is a bind mount without a source",
  ],
  ["image: x\n    tmpfs: /a\n    volumes: [./a:/a]", "5:15 services.web mounts /a twice"],
  [
    "image: x\n    networks: [nope]",
    `4:16 services.web uses "nope", which networks does not define | add it to networks, at the end of the file`,
  ],
  [
    "image: x\n    networks: [default]\n    network_mode: host",
    "4:5 services.web has network_mode and networks | remove one of them",
  ],
  [
    "image: x\n    security_opt: [a, a]",
    "4:23 services.web.security_opt has an entry twice | remove one of them",
  ],
  [
    "image: x\n    cpus: 1\n    deploy: {resources: {limits: {cpus: '2'}}}",
    "5:26 services.web has cpus and another deploy.resources.limits.cpus | give both the same value, or remove one of them",
  ],
  [
    "image: x\n    scale: 2\n    container_name: web",
    "5:5 services.web runs 2 times, and has a container_name | remove the name",
  ],
  ["image: x\n    extends: nope", `4:5 extends: there is no service "nope" | accepted: web, db`],
  [
    "image: x\n    extends: {service: a, file: 'https://example.org/a.yaml'}",
    "4:5 extends: https://example.org/a.yaml is not a file here | download it",
  ],
  [
    "image: x\n    env_file: nope.env",
    "4:5 cannot read the file nope.env | correct its path, or remove it",
  ],
  [
    "image: x\n    user: ${NOBODY:?say who}",
    "4:5 the variable NOBODY has no value: say who | set it in the environment or in .env: NOBODY=VALUE",
  ],
  [
    "image: x\n    user: ${1}",
    "4:5 invalid variable after a dollar sign | write ${NAME} or ${NAME:-default}, with letters, digits and underscores in the name; write $$ for a dollar sign",
  ],
  ["<<: *nope", "3:5 the alias *nope has no anchor before it"],
  ["<<: 5\n    image: x", "3:5 << takes a mapping, or a list of mappings | write <<: *NAME"],
  ["image: x\n    5: x", `4:5 the key 5 has to be a text | write "5"`],
];

test.each(inService)("%s", async (body, ...expected) => {
  const text = `services:\n  web:\n    ${body}\n  db: {image: db}\n`;
  expect(await mistakesIn({ "compose.yaml": text })).toEqual(expected);
});

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
