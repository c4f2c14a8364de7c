/** Variables that are secret by their names, whether anybody says so or not. */
export const secretName =
  /PASS(WORD|WD|PHRASE)|PASS$|_PWD|SECRET|TOKEN|PRIVATE|CREDENTIAL|API_?KEY|_KEY$|_PIN$/i;

/** Where the entrypoint of our images keeps the environment, with secrets in it, for logins. */
export const secretsFolder = "/run/reyns";

/** Options of the tmpfs there. What is in it has a mode of its own. */
export const secretsMount = {
  owned: "mode=2750,gid=65527",
  /** Where a tmpfs cannot have an owner. */
  ownerless: "mode=755",
} as const;
