/** `publish_ports` or `publish-ports` -> `publishPorts` */
export function camelCase(key: string): string {
  return key.replace(/[-_]+([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `publishPorts` or `publish-ports` -> `publish_ports` */
export function snakeCase(key: string): string {
  return key.replaceAll("-", "_").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
