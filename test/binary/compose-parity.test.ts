// Compose projects that docker-compose starts, and then Reyns: the containers are the same, and so is who finds whom.
// A reyns.ts that is made of them changes nothing.
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import {
  compose,
  containersOf,
  describeContainer,
  dockerCompose,
  resolutionsIn,
} from "./support/compose.ts";
import { createProject, type Files } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);
beforeAll(importSmallImage);

const name = (kind: string): string => `parity-${kind}-${process.pid}`;
const image = smallImage;

interface Parity {
  readonly files: Files;
  /** Names to look up in every running container. */
  readonly names: readonly string[];
}

const shop = name("shop");
const projects: Readonly<Record<string, Parity>> = {
  "a page with a database, a cache and a migration": {
    names: ["web", "db", "cache", "migrate", `${shop}-db-1`, "the_db"],
    files: {
      "site/index.html": "hello\n",
      "db.env": "# the database\nPOSTGRES_USER=shop\nPOSTGRES_DB='shop db'\n",
      ".env": "LEVEL=debug\nPORT=18473\n",
      "compose.yaml": `name: ${shop}
x-common: &common
  image: ${image}
  restart: unless-stopped
  # As process 1 they ignore any other.
  stop_signal: SIGKILL
services:
  web:
    <<: *common
    command: busybox httpd -f -p 80 -h "/srv/my site"
    environment:
      LEVEL: \${LEVEL:-info}
      TITLE: \${TITLE:-a "quoted" $$title}
    ports: ["127.0.0.1:\${PORT}:80", "53/udp"]
    volumes: ["./site:/srv/my site:ro", uploads:/uploads, /scratch]
    depends_on:
      db: { condition: service_healthy, restart: true }
      migrate: { condition: service_completed_successfully }
      cache: { condition: service_started }
    labels: { traefik.enable: "true", traefik.http.routers.web.rule: "Host(\`a.test\`)" }
    deploy: { resources: { limits: { cpus: "0.5", memory: 64M, pids: 50 }, reservations: { memory: 16M } } }
  db:
    <<: *common
    container_name: the_db
    entrypoint: [sh, -c]
    command: ["touch /tmp/up; exec sleep 900"]
    env_file: db.env
    environment: [POSTGRES_PASSWORD=s3cret]
    volumes: [{ type: volume, source: data, target: /data }, { type: tmpfs, target: /run/db, tmpfs: { size: 1048576 } }]
    healthcheck: { test: test -e /tmp/up, interval: 1s, timeout: 3s, retries: 20, start_period: 2s }
    stop_grace_period: 3s
    stop_signal: SIGINT
    init: true
    shm_size: 128mb
    ulimits: { nofile: { soft: 1000, hard: 2000 }, nproc: 500 }
  cache:
    <<: *common
    user: "1000:1000"
    working_dir: /tmp
    read_only: true
    tmpfs: ["/cache:size=1m"]
    cap_drop: [ALL]
    cap_add: [NET_BIND_SERVICE, CHOWN]
    security_opt: ["no-new-privileges:true"]
    sysctls: { net.core.somaxconn: 1024 }
    extra_hosts: ["a.example:192.0.2.1", "host.docker.internal:host-gateway"]
    dns_search: [shop.test]
    logging: { driver: json-file, options: { max-size: 1m } }
    group_add: ["2000"]
    oom_score_adj: 100
    tty: true
    stdin_open: true
    hostname: cachehost
    expose: [6379]
  migrate:
    image: ${image}
    command: ["true"]
    depends_on: { db: { condition: service_healthy } }
volumes: { data: , uploads: { labels: { kind: uploads } } }
`,
    },
  },
  "profiles, an override, two instances and names with underscores": {
    names: ["my_api", "queue", "worker", "debug", "api.internal"],
    files: {
      "compose.yaml": `name: ${name("override")}
services:
  my_api:
    image: ${image}
    stop_signal: SIGKILL
    environment: { MODE: production, KEPT: "1" }
    ports: ["18474:80"]
    networks: { default: { aliases: [api.internal] } }
  worker:
    image: ${image}
    stop_signal: SIGKILL
    deploy: { replicas: 2 }
    cpu_shares: 512
    cpuset: "0"
    devices: ["/dev/null:/dev/mynull:r"]
    depends_on: [my_api]
  debug:
    image: ${image}
    profiles: [tools]
`,
      "compose.override.yaml": `services:
  my_api:
    environment: { MODE: development }
    command: sh -c 'sleep 900'
    ports: !override ["18475:80"]
    volumes: ["./src:/src"]
  queue:
    image: ${image}
    pid: host
    ipc: shareable
    domainname: example.test
`,
    },
  },
};

test.skipIf(dockerCompose === undefined).each(Object.entries(projects))(
  "%s: a container differs from that of docker-compose, or finds other ones",
  async (_, { files, names }) => {
    await using project = await createProject(files);
    const { folder } = project;
    try {
      await compose(folder, "up", "-d");
      const theirs = await containersOf(folder, "compose");
      const found = await resolutionsIn(theirs, names);
      // With the volumes that have no name.
      await compose(folder, "rm", "--stop", "--force", "--volumes");
      await compose(folder, "down");
      await project.must("run all");
      const ours = await containersOf(folder, "reyns");
      expect([...ours.keys()]).toEqual([...theirs.keys()]);
      for (const [key, container] of theirs) {
        const own = ours.get(key);
        expect([key, own && describeContainer(own)]).toEqual([key, describeContainer(container)]);
      }
      expect(await resolutionsIn(ours, names)).toEqual(found);
      expect(found.length).toBeGreaterThan(names.length);
      expect(await project.must("plan")).toStartWith("Nothing to do");
      await project.must("convert");
      expect(await project.must("plan")).toStartWith("Nothing to do");
    } finally {
      // What is in use would stay.
      await project.reyns("clean all force=true");
      await compose(folder, "down", "-v");
    }
  },
);
