declare module "*.tar.zst" {
  /** Where the file lies: on the disk, or inside the executable. */
  const path: string;
  export default path;
}
