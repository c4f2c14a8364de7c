/** The types of instances, each a preset of properties. */
export const instanceTypes = ["standard", "published", "persistent", "master", "debug"] as const;
export type InstanceType = (typeof instanceTypes)[number];
