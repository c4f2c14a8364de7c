import { expect, test } from "bun:test";
import { mapCompose } from "./support/compose-project.ts";

const image = "acme/web";

test("a container is not reached by the names that it has in Compose", async () => {
  const { conf } = await mapCompose({
    services: {
      my_db: { image, networks: { default: { aliases: ["data"] } } },
      web: { image, container_name: "shop_web" },
      host: { image, network_mode: "host" },
    },
  });
  const aliases = conf.instances.map(({ service, networks }) => [
    service,
    ...(networks ?? []).flatMap((use) => [use.network, ...use.aliases, ...(use.implied ?? [])]),
  ]);
  expect(aliases).toEqual([
    ["my-db", "default", "my_db", "data", "shop-my_db-1"],
    ["web", "default", "shop_web"],
    ["host"],
  ]);
});

test("volumes and external networks are not used under their own names", async () => {
  const { conf, errors } = await mapCompose({
    services: { web: { image, networks: { proxy: null } } },
    networks: { proxy: { name: "traefik", external: true, ipam: {} } },
    volumes: {
      data: { name: "shop_data" },
      files: { name: "files", external: true },
      nfs: { name: "shop_nfs", driver: "local", driver_opts: { type: "nfs" }, labels: { a: "b" } },
    },
  });
  expect(errors).toEqual([]);
  expect(conf.volumes).toEqual({
    data: { external: false, name: "shop_data" },
    files: { external: true, name: "files" },
    nfs: { external: false, name: "shop_nfs", driverOpts: { type: "nfs" }, labels: { a: "b" } },
  });
  expect(conf.networks).toMatchObject({ proxy: { external: true, name: "traefik" } });
  expect(conf.instances[0]?.networks?.map(({ network }) => network)).toEqual(["proxy"]);
});

test("networks of the project lose their options, or a name of their own", async () => {
  const { conf, errors } = await mapCompose({
    services: {
      web: {
        image,
        networks: { default: null, front: { priority: 5, mac_address: "02:42:ac:11:00:02" } },
      },
      db: { image, networks: { back: { ipv4_address: "10.9.0.4" } } },
    },
    networks: {
      default: { name: "shop_default", ipam: {}, driver_opts: { mtu: "1400" } },
      front: { name: "shop_front", driver: "bridge", ipam: {} },
      back: {
        name: "inner",
        internal: true,
        ipam: { config: [{ subnet: "10.9.0.0/24", ip_range: "10.9.0.128/25" }] },
      },
    },
  });
  expect(errors).toEqual([]);
  expect(conf.networks).toMatchObject({
    default: { external: false, driverOpts: { mtu: "1400" } },
    front: { external: false },
    back: {
      name: "inner",
      internal: true,
      ipam: { config: [{ subnet: "10.9.0.0/24", ipRange: "10.9.0.128/25" }] },
    },
  });
  expect(conf.networks?.["front"]?.name).toBeUndefined();
  expect(conf.instances.map(({ networks }) => networks?.map(({ network }) => network))).toEqual([
    ["default", "front"],
    ["back"],
  ]);
  expect(conf.instances[0]?.networks?.[1]).toMatchObject({ priority: 5, mac: "02:42:ac:11:00:02" });
});

test("a link in a network of others is refused, or does not resolve", async () => {
  const networks = { proxy: null };
  const { mapped, errors } = await mapCompose({
    services: {
      db: { image, networks },
      web: { image, networks, links: ["db:mysql", "db"] },
    },
    networks: { proxy: { name: "proxy", external: true, ipam: {} } },
  });
  expect(errors).toEqual([]);
  const [db, web] = mapped.services.map(({ instances }) => instances[0]);
  expect(db?.networks).toEqual([{ network: "proxy", aliases: ["mysql"] }]);
  expect(web).not.toHaveProperty("links");
});

test("a link to a service of other networks is an error", async () => {
  const { mapped, errors } = await mapCompose({
    services: {
      db: { image, networks: { back: null } },
      web: { image, networks: { front: null }, links: ["db:mysql"] },
    },
    networks: { back: { name: "b", ipam: {} }, front: { name: "f", ipam: {} } },
  });
  expect(errors).toEqual([]);
  expect(mapped.services[1]?.instances[0]).not.toHaveProperty("links");
});

test("of networks with one priority, another is the first than in Compose", async () => {
  const { mapped } = await mapCompose({
    services: { web: { image, networks: { front: null, back: null } } },
    networks: { back: { name: "b", ipam: {} }, front: { name: "f", ipam: {} } },
  });
  expect(mapped.services[0]?.instances[0]?.networks).toEqual(["back", "front"]);
});

test("the network of a container that the file names is not that of its service", async () => {
  const { mapped, errors } = await mapCompose({
    services: {
      vpn: { image, container_name: "tunnel" },
      seedbox: { image, network_mode: "container:tunnel" },
    },
  });
  expect(errors).toEqual([]);
  expect(mapped.services[1]?.instances[0]?.networkMode).toBe("service:vpn");
});
