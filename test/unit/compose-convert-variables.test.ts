import { expect, test } from "bun:test";
import type { ValueSource } from "../../src/project/compose/compose-project.ts";
import { convertComposeProject } from "../../src/project/compose/convert.ts";
import { projectFolder } from "./support/project-folder.ts";
import { convertedCompose } from "./support/compose-project.ts";

/** The value `${NAME:-word}`, or a text with it. */
function template(
  name: string,
  operator: string,
  word: string,
  before = "",
  text = "now",
): ValueSource {
  const variable = { name, operator, word };
  const parts = [...(before === "" ? [] : [{ text: before }]), { text, variable }];
  return { kind: "template", parts };
}

const image = "acme/web";

test("variables of the file are not variables in reyns.ts, or host.conf lacks the values of .env", () => {
  const environment = {
    A: "now",
    B: "now",
    C: "now",
    D: "now",
    E: "now",
    F: "now",
    G: "now",
    TOKEN: "now",
  };
  const at = (name: string): string => `services.web.environment.${name}`;
  const { text, hostValues, notes } = convertedCompose(
    [
      { services: { web: { image: "acme/web:now", environment } } },
      {
        "services.web.image": template("TAG", ":-", "1.2", "acme/web:"),
        [at("A")]: template("A", ":-", "a"),
        [at("B")]: template("B", ":?", "set B"),
        [at("C")]: template("SECRET_C", ":?", ""),
        [at("TOKEN")]: template("API_TOKEN", ":?", "set API_TOKEN in .env"),
        [at("D")]: template("HOST", "", "", "http://"),
        [at("E")]: { kind: "variable", name: "E" },
        [at("F")]: { kind: "envFile", file: "/srv/shop/app.env" },
      },
    ],
    { A: "from .env", SECRET_C: "sesame", OTHER: "unused" },
  );
  expect(text).toContain('image: `acme/web:${env.TAG || "1.2"}`');
  expect(text).toContain(`A: variable("A", "a"),`);
  expect(text).toContain(`B: required({ description: "set B" }),`);
  expect(text).toContain(`C: required({ secret: true, description: "SECRET_C in Compose" }),`);
  expect(text).toContain(`TOKEN: required({ secret: true, description: "API_TOKEN in Compose" }),`);
  expect(text).not.toContain("set API_TOKEN");
  expect(text).toContain('D: `http://${env.HOST ?? ""}`');
  expect(text).toContain(`E: variable("E", ""),`);
  expect(text).toContain(`G: "now"`);
  expect(text).not.toContain("F:");
  expect(text).toContain("existsSync(dotenv) ? parseEnv(");
  expect(text).toContain("// For texts with env.NAME. variable() and required() read host.conf,");
  expect(text).not.toContain("sesame");
  expect(hostValues).toEqual({ A: "from .env", C: "sesame" });
  expect(notes).toEqual([
    "C is asked for under its own name, not as SECRET_C: set C in the environment or in host.conf",
    "TOKEN is asked for under its own name, not as API_TOKEN: set TOKEN in the environment or in host.conf",
  ]);
});

test("a variable that a text requires is required no more, or without its message", () => {
  const ports = [{ mode: "ingress", target: 80, published: "8080", protocol: "tcp" }];
  const services = { web: { image, ports, command: ["serve", "now"] } };
  const { text, notes } = convertedCompose([
    { services },
    {
      "services.web.ports.0.published": template("HTTP_PORT", ":?", "set HTTP_PORT", "", "8080"),
      "services.web.command.1": template("LEVEL", "?", ""),
    },
  ]);
  expect(text).toContain('ports: [`${env.HTTP_PORT || missing("HTTP_PORT", "set HTTP_PORT")}:80`]');
  expect(text).toContain('command: ["serve", `${env.LEVEL ?? missing("LEVEL")}`]');
  expect(text).toContain("function missing(name: string,");
  expect(notes).toEqual([]);
});

test("a port at an address of the host is written as its value of now", () => {
  const port = { mode: "ingress", target: 80, published: "80", protocol: "tcp" };
  const ports = [
    { ...port, host_ip: "127.0.0.1" },
    { ...port, host_ip: "fd00::80:1", protocol: "udp" },
  ];
  const published = template("PORT", "", "", "", "80");
  const { text, notes } = convertedCompose([
    { services: { web: { image, ports } } },
    {
      "services.web.ports.0.published": published,
      "services.web.ports.1.published": published,
    },
  ]);
  expect(text).toContain('`127.0.0.1:${env.PORT ?? ""}:80`');
  expect(text).toContain('`[fd00::80:1]:${env.PORT ?? ""}:80/udp`');
  expect(notes).toEqual([]);
});

test("a variable of another field is written as its value of now, or not named where it has to be", () => {
  const services = {
    web: {
      image,
      command: ["serve", "--level=now"],
      build: { context: "/srv/shop", args: { MY_ARG: "now" } },
      healthcheck: { test: ["CMD", "check"], retries: 7 },
      ports: [{ mode: "ingress", target: 80, published: "8080", protocol: "tcp" }],
      restart: "now",
      mem_limit: "1048576",
    },
    api: { image, restart: "now" },
  };
  const at = (path: string): string => `services.web.${path}`;
  const number = (text: string): ValueSource => ({
    kind: "template",
    parts: [{ text, variable: { name: "N", operator: ":-", word: text } }],
  });
  const { text, notes } = convertedCompose([
    { services },
    {
      [at("command.1")]: template("LEVEL", "", "", "--level="),
      [at("build.args.MY_ARG")]: template("ARG", ":-", "x"),
      [at("healthcheck.retries")]: number("7"),
      [at("ports.0.published")]: number("8080"),
      [at("restart")]: template("RESTART", ":-", "no"),
      ["services.api.restart"]: template("RESTART", ":-", "no"),
      [at("mem_limit")]: number("1MB"),
    },
  ]);
  expect(text).toContain('command: ["serve", `--level=${env.LEVEL ?? ""}`]');
  expect(text).toContain('args: { MY_ARG: `${env.ARG || "x"}` }');
  expect(text).toContain('retries: Number(`${env.N || "7"}`)');
  expect(text).toContain('ports: [`${env.N || "8080"}:80`]');
  expect(text).toContain("// restart was ${RESTART:-no}\n// mem_limit was ${N:-1MB}\nservice(");
  expect(notes).toEqual([
    "restart of web, api has the value of now instead of ${RESTART:-no}",
    "mem_limit of web has the value of now instead of ${N:-1MB}",
  ]);
});

test("a script with variables of its own, or with lines, breaks the converted file", () => {
  const script = "case ${state}\nin now) ;; esac\n";
  const parts = [
    ...[{ text: "case " }, { text: "$" }, { text: "{state}\nin " }],
    { text: "now", variable: { name: "LEVEL", operator: "", word: "" } },
    { text: ") ;; esac\n" },
  ];
  const { text, notes } = convertedCompose([
    { services: { web: { image, command: ["sh", "-c", script] }, db: { image, user: script } } },
    {
      "services.web.command.2": { kind: "template", parts },
      "services.db.user": { kind: "template", parts },
    },
  ]);
  expect(text).toContain('`case \\${state}\nin ${env.LEVEL ?? ""}) ;; esac\n`');
  expect(notes).toEqual([]);
});

test("a comment on a value with lines ends in the middle of it", () => {
  const parts = [
    { text: "a\n" },
    { text: "no", variable: { name: "MODE", operator: "", word: "" } },
  ];
  const { text, notes } = convertedCompose([
    { services: { web: { image, restart: "no" } } },
    { "services.web.restart": { kind: "template", parts } },
  ]);
  expect(text).toContain("// restart was a text with ${MODE}\nservice(");
  expect(notes).toEqual(["restart of web has the value of now instead of a text with ${MODE}"]);
});

test("a variable in the text of a config is written as its value of now", () => {
  const { text } = convertedCompose([
    {
      services: { web: { image, configs: [{ source: "conf", target: "/etc/conf" }] } },
      configs: { conf: { name: "shop_conf", content: "token=now" } },
    },
    { "configs.conf.content": template("TOKEN", "", "", "token=") },
  ]);
  expect(text).toContain('"/etc/conf": { content: `token=${env.TOKEN ?? ""}`, mode: "0444" }');
});

test("the variable that is a config is written as its value of now", () => {
  const { text } = convertedCompose([
    {
      services: { web: { image, configs: [{ source: "conf" }] } },
      configs: { conf: { name: "shop_conf", environment: "CONF", content: "now" } },
    },
    { "configs.conf.content": { kind: "variable", name: "CONF" } },
  ]);
  expect(text).toContain('"/conf": { content: `${env.CONF ?? ""}`, mode: "0444" }');
});

test("a default that has variables of its own leaves nothing in its place", () => {
  const { text, notes } = convertedCompose([
    { services: { web: { image, environment: { A: "now" } } } },
    { "services.web.environment.A": template("A", ":-", "${B:-b}") },
  ]);
  expect(text).toContain('env: { A: "now" }');
  expect(notes).toEqual(["A has the value of now instead of ${A:-${B:-b}}"]);
});

test("an env file loses what .env or the service gives to its variables", async () => {
  await using shop = await projectFolder({
    "compose.yaml": `services:
  web: { image: i, env_file: app.env, environment: { OWN: own, A: "\${A}" } }
`,
    ".env": "A=1\nB=two words\n",
    "app.env": `PLAIN=p
OF_FILE=\${PLAIN}q
OF_DOTENV=\${A}x
QUOTED="a \\$$ \${B:-b}\\n"
LITERAL='\${A}'
OF_SERVICE=\${OWN}z
A2=\${A2-none}
B
`,
  });
  const before = await shop.read();
  const place = {
    folder: shop.folder,
    origin: shop.folder,
    compose: `${shop.folder}/compose.yaml`,
  };
  const { text, notes } = await convertComposeProject(place, {});
  await Bun.write(`${shop.folder}/reyns.ts`, text);
  const after = await shop.read();
  expect(text).toContain('OF_DOTENV: `${env.A ?? ""}x`');
  expect(text).not.toContain("PLAIN");
  expect(notes).toEqual(["OF_SERVICE has the value of now instead of ${OWN}z"]);
  const valuesOf = (project: typeof before): object => ({
    ...project.conf.instances[0]?.env,
    A: undefined,
  });
  expect(valuesOf(after)).toEqual(valuesOf(before));
  expect(after.conf.instances[0]?.warnings).toBeUndefined();
});
