import {
  expect,
  fs,
  glob,
  link,
  project,
  ready,
  required,
  service,
  task,
  test,
  type Exec,
} from "reyns";

project("my-project");

// Prompted for on the first run. Without a terminal: POSTGRES_PASSWORD=… reyns run all
const password = required({ secret: true, description: "password of the database" });

// A ready image. Its volume outlives the instance.
const db = service("db", {
  image: "postgres:17",
  instance: "one",
  env: { POSTGRES_PASSWORD: password },
  volumes: { data: "/var/lib/postgresql/data" },
  ready: ready.tcp(5432),
});

// Built from services/web. The link makes the name "db" resolve to the database, and web starts when it is ready.
const web = service("web", {
  instance: "one",
  links: [link(db)],
  env: { POSTGRES_PASSWORD: password },
  ports: ["127.0.0.1:8080:8080"], // for this machine only
  ready: ready.http(8080, "/health"),
});

async function migrate(exec: Exec): Promise<void> {
  for (const file of (await glob("migrations/*.sql")).toSorted()) {
    console.log(file);
    const input = await fs.readFile(file, "utf8");
    await exec(db, ["psql", "--username=postgres", "--quiet", "--set=ON_ERROR_STOP=1"], { input });
  }
}

task("migrate", "Bring the tables up to date: migrations/*.sql", ({ exec }) => migrate(exec));

// "reyns test" runs this in a copy of the platform.
test("visits are counted", async ({ exec, fetch }) => {
  await migrate(exec);
  for (const count of [1, 2]) {
    const page = await fetch(web, "/");
    expect(await page.text()).toBe(`visit ${count}\n`);
  }
});
