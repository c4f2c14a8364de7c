/** Variables that are secret by their names, whether anybody says so or not. */
export const secretName =
  /PASS(WORD|WD|PHRASE)|PASS$|_PWD|SECRET|TOKEN|PRIVATE|CREDENTIAL|API_?KEY|_KEY$|_PIN$/i;
