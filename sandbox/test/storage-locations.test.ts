import { ByteLimit } from "../snowflake/storage/byte-limit.ts";
import { isAllowed, joinUrl, parseS3Url } from "../snowflake/storage/locations.ts";

describe("locations", () => {
  it("are taken apart and joined", () => {
    expect(parseS3Url("s3://b/raw/ami/")).toEqual({ bucket: "b", key: "raw/ami/" });
    expect(parseS3Url("s3://b")).toEqual({ bucket: "b", key: "" });
    expect(() => parseS3Url("gcs://b/raw")).toThrow("Unsupported feature 'stages of gcs'");
    expect(() => parseS3Url("ftp://b/raw")).toThrow("invalid value [ftp://b/raw]");
    expect(joinUrl("s3://b/raw/", "x/y")).toBe("s3://b/raw/x/y");
    expect(joinUrl("s3://b/raw", "x")).toBe("s3://b/raw/x");
    expect(joinUrl("s3://b/raw", "")).toBe("s3://b/raw");
  });

  const integration = (allowedLocations: string[], blockedLocations: string[] = []) => ({
    allowedLocations,
    blockedLocations,
  });
  it.each([
    ["s3://b/raw/ami/", true],
    ["s3://b/raw/ami", true],
    ["s3://b/raw/ami/x/y", true],
    ["s3://b/raw/amistad/", false],
    ["s3://b/raw/", false],
    ["s3://other/raw/ami/", false],
  ])("%s inside s3://b/raw/ami/: %s", (url, allowed) => {
    expect(isAllowed(integration(["s3://b/raw/ami/"]), url)).toBe(allowed);
    expect(isAllowed(integration(["s3://b/raw/ami"]), url)).toBe(allowed);
  });
  it("a blocked location goes before an allowed one", () => {
    const mixed = integration(["*"], ["s3://b/secret/"]);
    expect(isAllowed(mixed, "s3://b/raw/")).toBe(true);
    expect(isAllowed(mixed, "s3://b/secret/x")).toBe(false);
  });
});

describe("the room for local copies", () => {
  it("is given in turn, and more than there is to one alone", async () => {
    const limit = new ByteLimit(100);
    const first = await limit.take(60);
    const order: string[] = [];
    const large = limit.take(500).then((give) => {
      order.push("large");
      return give;
    });
    const small = limit.take(10).then((give) => {
      order.push("small");
      return give;
    });
    await Promise.resolve();
    expect(order).toEqual([]);
    first();
    first();
    (await large)();
    (await small)();
    expect(order).toEqual(["large", "small"]);
  });

  it("is not waited for by who has been cancelled", async () => {
    const limit = new ByteLimit(100);
    const give = await limit.take(100);
    const abort = new AbortController();
    const waiting = limit.take(10, abort.signal);
    const behind = limit.take(5);
    abort.abort(new Error("cancelled"));
    await expect(waiting).rejects.toThrow("cancelled");
    give();
    (await behind)();
  });
});
