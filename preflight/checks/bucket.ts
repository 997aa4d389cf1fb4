import { isAlias, isAmongKeys } from "../../components/bucket-policy/kms-keys.ts";
import { POLICY_BYTES } from "../../components/bucket-policy/statements.ts";
import { BUCKET } from "../../components/existing/kinds.ts";
import { bytes, number, plural } from "../../components/format.ts";
import { EVERY_PARQUET_FILE, selector } from "../../components/verified-load/write/selection.ts";
import type { EnvironmentConfig } from "../../config/index.ts";
import { isDenied, type StoredFile } from "../aws.ts";
import { advice, type Check, type Finding, fail, pass, unknown } from "../check.ts";
import type { World } from "../world.ts";

/** Storage classes whose objects have to be restored before anybody can read them (docs: Amazon S3 storage classes). */
const ARCHIVES = ["GLACIER", "DEEP_ARCHIVE"];

/** Sets a key, or an item of one that is a list. @example "kmsKeyArns[0]" */
function set(world: World, key: string, value: string): string {
  const [path, quoted] = key.includes("[") ? ["--path ", `'flux-ami:${key}'`] : ["", `flux-ami:${key}`];
  return `pulumi config set ${path}-s ${world.at.stack} ${quoted} ${value}`;
}

/** Looks at one setting of a bucket that is there; one that nobody may look at is unknown. */
function setting(
  id: Check["id"],
  title: string,
  look: (world: World, config: EnvironmentConfig) => Promise<Finding>,
): Check {
  return {
    id,
    title,
    service: "aws",
    // The settings of a bucket are told in its own region only.
    needs: ["bucket.region"],
    essential: false,
    run: async (world) => {
      const config = await world.environment();
      if ((await world.bucket()).state === "missing") return pass("`up` makes it");
      try {
        return await look(world, config);
      } catch (error) {
        if (!isDenied(error)) throw error;
        return unknown(`this login may not look at it (${(error as Error).name})`);
      }
    },
  };
}

export const bucketChecks: Check[] = [
  {
    id: "bucket.exists",
    title: "the bucket is there and this account's, or its name is free",
    service: "aws",
    needs: ["aws.identity"],
    run: async (world) => {
      const { bucketName, adoptBucket, awsAccountId } = await world.environment();
      const { state, region } = await world.bucket();
      const mine = !adoptBucket && (await world.made(BUCKET, bucketName));
      const owned = `aws s3api head-bucket --bucket ${bucketName} --expected-bucket-owner ${awsAccountId}`;
      switch (state) {
        case "there":
          if (adoptBucket || mine) return pass(bucketName);
          return fail(
            `bucket ${bucketName} is there already, and this stack has not made it`,
            set(world, "adoptBucket", "true"),
          );
        case "elsewhere":
          if (mine) return pass(bucketName);
          // Not in the way of the check of its region, which says what is to be done first.
          return advice(
            `bucket ${bucketName} is there, in ${region ?? "another region"}; whether it is account ${awsAccountId}'s is not told from here`,
            `${owned} --region ${region ?? "<its region>"}   # adopt it only if that says nothing against it`,
          );
        case "missing":
          if (mine)
            return fail(
              `bucket ${bucketName}, which the stack made, is gone`,
              `pulumi refresh -s ${world.at.stack}`,
            );
          return adoptBucket
            ? fail(
                `there is no bucket ${bucketName} to adopt`,
                set(world, "bucketName", "<the bucket with the readings>"),
              )
            : pass(`${bucketName} is free; \`up\` makes it`);
        case "denied":
          if (mine)
            return fail(
              `bucket ${bucketName}, which the stack made, may not be listed by this login (s3:ListBucket), or is another account's by now`,
              `node preflight/rights.ts --stack ${world.at.stack} aws   # prints the policy to attach; the bucket's own must not deny it`,
            );
          return adoptBucket
            ? fail(
                `bucket ${bucketName} is another account's, or this login may not list it (s3:ListBucket)`,
                `${owned}   # its owner has to allow it`,
              )
            : fail(
                `bucket ${bucketName} is there already, and another account's or not to be listed by this login (s3:ListBucket); this stack has not made it`,
                `${set(world, "bucketName", "<another name>")}   # or, if account ${awsAccountId} has it, let the login list it, and adopt it`,
              );
      }
    },
  },
  {
    id: "bucket.region",
    title: "the bucket lies in aws:region",
    service: "aws",
    needs: ["bucket.exists"],
    run: async (world) => {
      const { region } = await world.environment();
      const found = (await world.bucket()).region;
      if (found === undefined) return pass(`it will lie in ${region}`);
      return found === region
        ? pass(region)
        : fail(
            `the bucket lies in ${found}; aws:region is ${region}`,
            `pulumi config set -s ${world.at.stack} aws:region ${found}`,
          );
    },
  },
  setting("bucket.policy", "its policy leaves room, and keeps nobody out", async (world, { bucketName }) => {
    const text = await (await world.aws()).policy(bucketName);
    if (text === undefined) return pass("it has none");
    const size = Buffer.byteLength(text);
    const { Statement = [] } = JSON.parse(text) as { Statement?: PolicyStatement | PolicyStatement[] };
    const statements = [Statement].flat();
    const denies = statements.filter((one) => one.Effect === "Deny" && !isAboutTransport(one));
    if (denies.length > 0)
      return advice(
        `its policy has ${plural(denies.length, "Deny")} that may keep Snowflake out: ${denies
          .map(({ Sid, Action }) => Sid ?? JSON.stringify(Action))
          .join(", ")}`,
        `aws s3api get-bucket-policy --bucket ${bucketName} --query Policy --output text   # see whether they spare the stack's role`,
      );
    return size > POLICY_BYTES * 0.8
      ? advice(
          `its policy takes ${number(size)} of ${number(POLICY_BYTES)} bytes`,
          "take out statements that nobody needs any more",
        )
      : pass(`${plural(statements.length, "statement")}, ${number(size)} of ${number(POLICY_BYTES)} bytes`);
  }),
  setting("bucket.encryption", "Snowflake can decrypt what is put into it", async (world, config) => {
    const { bucketName, kmsKeyArns = [] } = config;
    const found = await (await world.aws()).encryption(bucketName);
    if (!found?.algorithm.startsWith("aws:kms"))
      return pass(found?.algorithm ?? "AES256, as S3 does by itself");
    // The account's own key for S3 lets everybody of the account decrypt what they may read (docs: AWS managed keys).
    if (found.key === undefined || found.key.endsWith("alias/aws/s3"))
      return pass(`${found.algorithm}, S3's own key`);
    const named = isAmongKeys(found.key, kmsKeyArns);
    if (named) return pass(`${found.algorithm}, with a key of flux-ami:kmsKeyArns`);
    if (named === undefined)
      return unknown(
        `what is put into it is encrypted under ${found.key}, an alias: whether its key is one of flux-ami:kmsKeyArns, only KMS says`,
        `aws kms describe-key --key-id ${found.key} --query KeyMetadata.Arn --output text   # the ARN to name there`,
      );
    return fail(
      `what is put into it is encrypted under ${found.key}, by which the stack's role cannot decrypt`,
      nameKey(world, config, found.key),
    );
  }),
  setting("bucket.ownership", "its objects are the bucket owner's", async (world, config) => {
    const { bucketName } = config;
    const ownership = (await (await world.aws()).ownership(bucketName)) ?? "ObjectWriter";
    return ownership === "BucketOwnerEnforced" || config.bucketGuards === "manage"
      ? pass(ownership)
      : advice(
          `object ownership is ${ownership}: objects that other accounts wrote are theirs, and the role may not read them`,
          `ask the bucket's owner whether anybody writes with ACLs; if not: aws s3api put-bucket-ownership-controls --bucket ${bucketName} --ownership-controls 'Rules=[{ObjectOwnership=BucketOwnerEnforced}]'`,
        );
  }),
  setting("bucket.public-access", "nothing in it is public", async (world, config) => {
    const { bucketName } = config;
    return (await (await world.aws()).publicAccessBlocked(bucketName)) || config.bucketGuards === "manage"
      ? pass("blocked")
      : advice(
          "its four guards against public access are not all on",
          `aws s3api put-public-access-block --bucket ${bucketName} --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true`,
        );
  }),
  setting("bucket.versioning", "what is replaced in it can be got back", async (world, { bucketName }) =>
    (await (await world.aws()).versioned(bucketName))
      ? pass("versioned")
      : pass("not versioned: a file that is replaced or deleted is gone"),
  ),
  {
    id: "bucket.files",
    title: "there are files to load",
    service: "aws",
    needs: ["bucket.region"],
    run: async (world) => {
      const config = await world.environment();
      const folder = `s3://${config.bucketName}/${config.prefix}${config.readingsPath}`;
      const upload = `aws s3 sync <folder with the files> ${folder}`;
      if ((await world.bucket()).state === "missing")
        return advice(
          `the bucket is still to be made, so the first \`up\` ends at the load: no file`,
          upload,
        );
      const { files, all } = await world.files();
      const counting = countingFiles(files, config);
      if (counting.length === 0)
        return fail(
          files.length === 0
            ? `there is no file below ${folder}`
            : `none of the ${plural(files.length, "file")} below ${folder} is called *.parquet (${example(files)})`,
          files.length === 0 ? `${upload}   # or set flux-ami:prefix and flux-ami:readingsPath` : upload,
        );
      const archived = counting.filter(({ storageClass }) => ARCHIVES.includes(storageClass));
      if (archived.length > 0)
        return fail(
          `${plural(archived.length, "file")} of ${number(counting.length)} lie in an archive and cannot be read (${example(archived)})`,
          `aws s3api restore-object --bucket ${config.bucketName} --key ${archived[0]?.key} --restore-request Days=7   # each of them`,
        );
      const said = `${all ? "" : "at least "}${plural(counting.length, "file")}, ${bytes(sum(counting))}`;
      const others = files.filter((file) => !counting.includes(file));
      const empty = counting.filter(({ size }) => size === 0);
      if (empty.length > 0)
        return advice(
          `${said}; ${plural(empty.length, "file")} of them without a byte, which no load takes (${example(empty)})`,
          `aws s3 rm s3://${config.bucketName}/${empty[0]?.key}   # each of them, or have it written again`,
        );
      return others.length > 0
        ? advice(
            `${said}; ${plural(others.length, "other file")} there will not be loaded (${example(others)})`,
            "name what should be loaded by flux-ami:include, or rename it to *.parquet, and move the rest elsewhere",
          )
        : pass(said);
    },
  },
  {
    id: "bucket.file-keys",
    title: "Snowflake can decrypt the files that are there",
    service: "aws",
    needs: ["bucket.files"],
    essential: false,
    run: async (world) => {
      const config = await world.environment();
      const { bucketName, kmsKeyArns = [] } = config;
      if ((await world.bucket()).state === "missing") return pass("there is none yet");
      const aws = await world.aws();
      const looked = some(countingFiles((await world.files()).files, config));
      try {
        // Null: nobody may look, so it may be any.
        const usual = await aws.encryption(bucketName).catch((error) => {
          if (!isDenied(error)) throw error;
          return null;
        });
        const keys = await Promise.all(looked.map(({ key }) => aws.kmsKeyOf(bucketName, key)));
        // The bucket's own key is told by itself.
        const told = [...kmsKeyArns, ...(usual?.key ? [usual.key] : [])];
        const other = keys.findIndex((key) => key && !isAmongKeys(key, told));
        const key = keys[other];
        if (key === undefined) return pass(`${looked.length} of them looked at`);
        const said = `${looked[other]?.key} is encrypted under ${key}, by which the stack's role cannot decrypt`;
        const cure = nameKey(world, config, key);
        // S3's own key looks like any other here, and needs nothing (docs, AWS KMS: AWS managed keys).
        const mayBeS3s =
          usual === null || (usual?.algorithm.startsWith("aws:kms") && usual.key === undefined);
        if (mayBeS3s) return advice(`${said}, unless that is S3's own key`, cure);
        return usual?.key && isAlias(usual.key)
          ? advice(`${said}, unless that is ${usual.key}, the bucket's own`, cure)
          : fail(said, cure);
      } catch (error) {
        if (!isDenied(error)) throw error;
        return unknown("this login may not read a file, so how they are encrypted is not known");
      }
    },
  },
];

/** Those of the files that the load takes, by their names below its folder. */
export function countingFiles(
  files: readonly StoredFile[],
  config: Pick<EnvironmentConfig, "prefix" | "readingsPath" | "include" | "exclude">,
): StoredFile[] {
  const { prefix, readingsPath, include = EVERY_PARQUET_FILE, exclude = [] } = config;
  const whyLeft = selector({ include, exclude });
  const folder = prefix + readingsPath;
  return files.filter(({ key }) => !key.endsWith("/") && whyLeft(key.slice(folder.length)) === undefined);
}

/** Has the stack's role decrypt with one more key. */
function nameKey(world: World, { kmsKeyArns = [] }: EnvironmentConfig, key: string): string {
  const arn = key.startsWith("arn:") ? key : "<the key's ARN>";
  return `${set(world, `kmsKeyArns[${kmsKeyArns.length}]`, arn)}   # and have the key's owner add what the output keyPolicy then says`;
}

/** So many files are looked at, from the first to the last: each look is a request. */
const LOOKED_AT = 5;

/** Some of the files, evenly over all of them: files of another day may have another key. */
function some(files: readonly StoredFile[]): StoredFile[] {
  const indexes = Array.from({ length: LOOKED_AT }, (_, index) =>
    Math.round((index * (files.length - 1)) / (LOOKED_AT - 1)),
  );
  return [...new Set(indexes)].flatMap((index) => files[index] ?? []);
}

interface PolicyStatement {
  Sid?: string;
  Effect?: string;
  Action?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

/** Every careful bucket refuses plain HTTP, and old TLS; Snowflake comes by neither. */
function isAboutTransport({ Condition = {} }: PolicyStatement): boolean {
  const keys = Object.values(Condition).flatMap((one) => Object.keys(one).map((key) => key.toLowerCase()));
  return keys.length > 0 && keys.every((key) => key === "aws:securetransport" || key === "s3:tlsversion");
}

const sum = (files: readonly StoredFile[]) => files.reduce((total, { size }) => total + size, 0);
const example = ([first]: readonly StoredFile[]) => `such as ${first?.key.split("/").at(-1)}`;
