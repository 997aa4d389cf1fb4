import { always, judgedElsewhere } from "./input-judge.ts";

/** The check waits, and pins the external ID while it does. What it waits for is judged where it is made. */
export const READINESS = {
  inputs: {
    sessionRole: always("It looks, and pins the external ID, as another role from now on."),
    integration: always("It pins the external ID of another integration from now on."),
    externalId: always("It pins another external ID: whoever was told the old one is locked out."),
    roleArn: judgedElsewhere,
    url: judgedElsewhere,
  },
};

/** How long it waits, which file it reads, and copies of what is judged by itself. */
export const FREE_OF_READINESS = [
  "timeoutSeconds",
  "sample",
  "sampleKmsKeyArn",
  "integrationIdentity",
  "iamUserArn",
  "trustPolicy",
  "readPolicy",
];
