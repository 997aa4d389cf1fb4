/** How each account of the local Snowflake comes to S3: by its own IAM user, and the role of an integration. */
import { mkdirSync, rmSync } from "node:fs";
import { S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { accountKey, type Bootstrap } from "../catalog/bootstrap.ts";
import type { AccountKey, StorageIntegration } from "../catalog/model.ts";
import { cannotAssumeRole } from "./aws-errors.ts";
import { ByteLimit } from "./byte-limit.ts";
import { type Copies, StorageAccess } from "./storage.ts";

export interface StorageOptions {
  /** Folder for copies of objects while statements read them; emptied at start. */
  cacheDirectory: string;
  /** Bytes all copies together may take; a statement waits for room. A single larger object is let through alone. */
  cacheBytes: number;
  /** Milliseconds added to each object that is read, to play a slow network. */
  delayPerObject: number;
}

interface IamUser {
  arn: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** Seconds that credentials of an assumed role live; they are renewed before. */
const ROLE_SECONDS = 3600;

/**
 * How the local Snowflake reaches S3: as each account's own IAM user it may do one thing, assume the role of a storage
 * integration with the integration's external ID; everything else is done with the role's temporary credentials (docs: Configuring
 * a Snowflake storage integration to access Amazon S3).
 */
export class Storage {
  readonly #aws: Bootstrap["aws"];
  readonly #users: ReadonlyMap<AccountKey, IamUser>;
  readonly #copies: Copies;

  constructor(bootstrap: Bootstrap, options: StorageOptions) {
    this.#aws = bootstrap.aws;
    this.#users = new Map(bootstrap.accounts.map((account) => [accountKey(account), account.awsIamUser]));
    rmSync(options.cacheDirectory, { recursive: true, force: true });
    mkdirSync(options.cacheDirectory, { recursive: true });
    this.#copies = {
      directory: options.cacheDirectory,
      limit: new ByteLimit(options.cacheBytes),
      delayPerObject: options.delayPerObject,
    };
  }

  /**
   * Assumes an integration's role for one statement. Nothing is kept from one statement to the next, so that a change
   * of the trust policy shows at once.
   */
  async open(
    account: AccountKey,
    integration: StorageIntegration,
    signal?: AbortSignal,
  ): Promise<StorageAccess> {
    const user = this.#users.get(account);
    if (!user) throw new Error(`accounts.json names no IAM user for account ${account}`);
    const credentials = () => this.#assume(user, integration, signal);
    const first = await credentials();
    let latest: typeof first | undefined = first;
    const s3 = new S3Client({
      endpoint: this.#aws.endpoint,
      region: this.#aws.region,
      forcePathStyle: true,
      followRegionRedirects: true,
      // The client asks again before the expiration; the first answer is the one that is there already.
      credentials: async () => {
        const answer = latest ?? (await credentials());
        latest = undefined;
        return answer;
      },
    });
    return new StorageAccess(s3, integration, this.#copies, signal);
  }

  async #assume(user: IamUser, integration: StorageIntegration, signal: AbortSignal | undefined) {
    const sts = new STSClient({ endpoint: this.#aws.endpoint, region: this.#aws.region, credentials: user });
    try {
      const { Credentials: assumed } = await sts.send(
        new AssumeRoleCommand({
          RoleArn: integration.awsRoleArn,
          ExternalId: integration.awsExternalId,
          RoleSessionName: "snowflake",
          DurationSeconds: ROLE_SECONDS,
        }),
        signal ? { abortSignal: signal } : {},
      );
      if (!assumed?.AccessKeyId || !assumed.SecretAccessKey || !assumed.SessionToken)
        throw new Error(`AssumeRole of ${integration.awsRoleArn} answered without credentials`);
      return {
        accessKeyId: assumed.AccessKeyId,
        secretAccessKey: assumed.SecretAccessKey,
        sessionToken: assumed.SessionToken,
        ...(assumed.Expiration ? { expiration: assumed.Expiration } : {}),
      };
    } catch (error) {
      throw cannotAssumeRole(error, user.arn, integration.awsRoleArn);
    } finally {
      sts.destroy();
    }
  }
}
