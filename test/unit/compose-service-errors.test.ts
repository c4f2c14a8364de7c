// Mistakes in a service of a compose file: "LINE:COLUMN MESSAGE | HINT", all that the file has.
import { expect, test } from "bun:test";
import { mistakesIn } from "./support/compose-mistakes.ts";

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
    `4:5 services.web.stop_grace_period has to be a duration with its unit, such as "1m30s", not "10"`,
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
  [
    "image: x\n    volumes: [{type: volume, target: ''}, {type: tmpfs, target: '${NOBODY:-}'}]",
    '4:30 services.web.volumes.0.target has to be a path in the container, not ""',
    "4:57 services.web.volumes.1.target has to be a path in the container, not the value that its variable gives it",
  ],
  [
    "image: x\n    configs: [{}, '']\n    secrets: [{source: '', target: /x}]",
    '4:19 services.web.configs.1 has to be a name, not ""',
    '5:16 services.web.secrets.0.source has to be a name, not ""',
    "4:15 services.web.configs.0 lacks the key source",
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
    "4:5 cannot read the file nope.env: there is no such file | correct its path, or let it be missing: { path: FILE, required: false }",
  ],
  [
    "image: x\n    label_file: [nope.env, /etc]",
    "4:18 cannot read the file nope.env: there is no such file | correct its path, or remove it",
    "4:28 cannot read the file /etc: it is a folder | correct its path, or remove it",
  ],
  [
    "image: x\n    env_file: [{path: /etc, required: false}, /dev/null]",
    "4:16 cannot read the file /etc: it is a folder | correct its path, or remove it",
    "4:47 cannot read the file /dev/null: it is not a regular file | correct its path, or remove it",
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

test("an env file that may be missing is reported where it is there and cannot be read", async () => {
  // As in a folder that nobody may enter, which is no hindrance to root.
  const file = "x".repeat(256);
  const text = `services:\n  web:\n    image: x\n    env_file: [{ path: ${file}, required: false }]\n`;
  const reason = `cannot read the file ${file}: ENAMETOOLONG | correct its path, or remove it`;
  expect(await mistakesIn({ "compose.yaml": text })).toEqual([`4:16 ${reason}`]);
});
