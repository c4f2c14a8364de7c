// Makes the list that `reyns ps` shows of a hundred instances.
import { instanceTable } from "../../../src/ui/views/instances.ts";
import { sortOut } from "../../../src/runtime/observe/containers.ts";
import { labels } from "../../../src/model/labels.ts";

const containers = Array.from({ length: 100 }, (_, index) => ({
  id: `${index}`.padStart(64, "0"),
  name: `shop-4f2c91-web-${index}`,
  image: "debian:bookworm-slim",
  imageId: "sha256:1",
  labels: {
    [labels.project]: "shop",
    [labels.folder]: "/srv/shop",
    [labels.service]: "web",
    [labels.instance]: `i${index}`,
    [labels.instanceType]: "standard",
    [labels.definition]: '{"image":"1234abcd","command":"12345678"}',
  },
  state: "running",
  status: "Up 2 minutes",
  createdAt: 1_763_800_000 + index,
  networks: { "shop-4f2c91": { address: `10.200.0.${index}`, fixedAddress: undefined } },
  ports: [],
}));

console.log(instanceTable(sortOut(containers, undefined).instances));
