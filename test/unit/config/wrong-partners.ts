import type { Wrong } from "./support.ts";

export const wrongPartners: Wrong[] = [
  [
    { "flux-ami:way": "storageIntegration", "flux-ami:partnerUntil": "soon" },
    "flux-ami:partnerUntil",
    /a day/,
  ],
  [{ "flux-ami:way": undefined }, "flux-ami:way", /bucketAccess, storageIntegration, dataShare/],
  [{ "flux-ami:way": "datashare2" }, "flux-ami:way", /did you mean dataShare\?/],
  [
    { "flux-ami:way": "dataShare" },
    "flux-ami:partnerSnowflakeAccount",
    /ORGANIZATION\.ACCOUNT; the way dataShare needs it/,
  ],
  [
    { "flux-ami:way": "dataShare", "flux-ami:partnerSnowflakeAccount": "xy12345" },
    "flux-ami:partnerSnowflakeAccount",
    /ORGANIZATION\.ACCOUNT/,
  ],
  [{ "flux-ami:way": "bucketAccess" }, "flux-ami:partnerPrincipal", /the way bucketAccess needs it/],
  [
    { "flux-ami:way": "bucketAccess", "flux-ami:partnerPrincipal": "*" },
    "flux-ami:partnerPrincipal",
    /without wildcards/,
  ],
  [
    { "flux-ami:way": "bucketAccess", "flux-ami:partnerPrincipal": "arn:aws:iam::222222222222:role/*" },
    "flux-ami:partnerPrincipal",
    /without wildcards/,
  ],
  [
    { "flux-ami:way": "bucketAccess", "flux-ami:partnerPrincipal": "arn:aws-cn:iam::222222222222:role/r" },
    "flux-ami:partnerPrincipal",
    /partition of aws:region/,
  ],
  [
    {
      "flux-ami:way": "storageIntegration",
      "flux-ami:snowflakeIamUserArn": "arn:aws:iam::222222222222:role/r",
    },
    "flux-ami:snowflakeIamUserArn",
    /one IAM user/,
  ],
  [
    { "flux-ami:way": "storageIntegration", "flux-ami:partnerPrincipal": "222222222222" },
    "flux-ami:partnerPrincipal",
    /only with the way bucketAccess/,
  ],
  [
    { "flux-ami:way": "storageIntegration", "flux-ami:partnerPrefix": "raw/*/" },
    "flux-ami:partnerPrefix",
    /wildcards/,
  ],
  [
    { "flux-ami:way": "storageIntegration", "flux-ami:owner": undefined },
    "flux-ami:owner",
    /name of a stack/,
  ],
  [
    { "flux-ami:way": "storageIntegration", "flux-ami:warehouseSize": "XLARGE" },
    "flux-ami:warehouseSize",
    /only in a stack of kind environment/,
  ],
];

export const wrongConsumers: Wrong[] = [
  [{}, "flux-ami:share", /ORGANIZATION\.ACCOUNT\.SHARE/],
  [{ "flux-ami:share": "FLUX_PROD" }, "flux-ami:share", /ORGANIZATION\.ACCOUNT\.SHARE/],
  [
    { "flux-ami:share": "FLUX.OPERATIONS.S", "flux-ami:readerRoles": '["analyst"]' },
    "flux-ami:readerRoles",
    /upper case/,
  ],
  [
    { "flux-ami:share": "FLUX.OPERATIONS.S", "flux-ami:readerRoles": '["ANALYST","analyst"]' },
    "flux-ami:readerRoles",
    /upper case/,
  ],
  [
    { "flux-ami:share": "FLUX.OPERATIONS.S", "flux-ami:readerRoles": "ANALYST" },
    "flux-ami:readerRoles",
    /a list/,
  ],
];
