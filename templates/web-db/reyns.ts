import { fs, glob, link, project, ready, required, service, task } from "reyns";

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
service("web", {
  instance: "one",
  links: [link(db)],
  env: { POSTGRES_PASSWORD: password },
  ports: ["127.0.0.1:8080:8080"], // for this machine only
  ready: ready.http(8080, "/health"),
});

task("migrate", "Bring the tables up to date: migrations/*.sql", async ({ exec }) => {
  for (const file of (await glob("migrations/*.sql")).toSorted()) {
    console.log(file);
    const input = await fs.readFile(file, "utf8");
    await exec(db, ["psql", "--username=postgres", "--quiet", "--set=ON_ERROR_STOP=1"], { input });
  }
});
