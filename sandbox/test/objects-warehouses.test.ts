import { catalogAccount } from "./support/catalog-account.ts";

const at = catalogAccount();

describe("warehouses", () => {
  test.each([
    ["XSMALL", "X-Small"],
    ["X-SMALL", "X-Small"],
    ["medium", "Medium"],
    ["x-large", "X-Large"],
    ["XXLARGE", "2X-Large"],
    ["2X-LARGE", "2X-Large"],
    ["X2LARGE", "2X-Large"],
    ["XXXLARGE", "3X-Large"],
    ["4XLARGE", "4X-Large"],
    ["X5LARGE", "5X-Large"],
    ["6X-LARGE", "6X-Large"],
  ])("size %s is shown as %s", async (written, shown) => {
    await at.cloud.run(
      at.session,
      `CREATE OR REPLACE WAREHOUSE w WAREHOUSE_SIZE = '${written}' INITIALLY_SUSPENDED = TRUE`,
    );
    const [row] = await at.cloud.rows(at.session, "SHOW WAREHOUSES LIKE 'w'");
    expect(row).toMatchObject({
      name: "W",
      size: shown,
      state: "SUSPENDED",
      auto_suspend: "600",
      is_current: "Y",
    });
  });

  test("an unknown size names the value and what is allowed", async () => {
    const error = await at.cloud.error(at.session, "CREATE OR REPLACE WAREHOUSE w WAREHOUSE_SIZE = 'HUGE'");
    expect(error.code).toBe("001008");
    expect(error.message).toMatch(/\[HUGE\] for parameter 'WAREHOUSE_SIZE'.*XSMALL.*X6LARGE/s);
  });

  test.each([
    ["", "1"],
    ["GENERATION = '2'", "2"],
    ["RESOURCE_CONSTRAINT = STANDARD_GEN_2", "2"],
    ["RESOURCE_CONSTRAINT = STANDARD_GEN_1", "1"],
  ])("%s is generation %s", async (written, generation) => {
    await at.cloud.run(at.session, `CREATE OR REPLACE WAREHOUSE w ${written} INITIALLY_SUSPENDED = TRUE`);
    const shown = async () => (await at.cloud.rows(at.session, "SHOW WAREHOUSES LIKE 'w'"))[0];
    expect(await shown()).toMatchObject({ generation, resource_constraint: `STANDARD_GEN_${generation}` });
    await at.cloud.run(at.session, "ALTER WAREHOUSE w SET GENERATION = '2'");
    expect(await shown()).toMatchObject({ generation: "2" });
    await at.cloud.run(at.session, "ALTER WAREHOUSE w UNSET GENERATION");
    expect(await shown()).toMatchObject({ generation: "1" });
  });

  test("the largest sizes have no second generation", async () => {
    const error = await at.cloud.error(
      at.session,
      "CREATE OR REPLACE WAREHOUSE w WAREHOUSE_SIZE = X5LARGE GENERATION = '2'",
    );
    expect(error).toMatchObject({ code: "001008", message: expect.stringContaining("GENERATION") });
  });

  test("what a warehouse of the second generation cannot be is refused, and nothing of it is done", async () => {
    await at.cloud.run(
      at.session,
      "CREATE OR REPLACE WAREHOUSE w GENERATION = '2' INITIALLY_SUSPENDED = TRUE",
    );
    for (const change of [
      "MAX_CLUSTER_COUNT = 3 WAREHOUSE_SIZE = X5LARGE",
      "WAREHOUSE_SIZE = X6LARGE GENERATION = '2'",
      "WAREHOUSE_TYPE = 'SNOWPARK-OPTIMIZED'",
    ]) {
      const error = await at.cloud.error(at.session, `ALTER WAREHOUSE w SET ${change}`);
      expect(error).toMatchObject({ code: "001008", message: expect.stringContaining("GENERATION") });
    }
    expect(await at.cloud.rows(at.session, "SHOW WAREHOUSES LIKE 'w'")).toMatchObject([
      { size: "X-Small", type: "STANDARD", max_cluster_count: "1", generation: "2" },
    ]);
    await at.cloud.run(at.session, "ALTER WAREHOUSE w SET WAREHOUSE_SIZE = X5LARGE GENERATION = '1'");
  });

  test("settings change, go back to their defaults, and NULL auto-suspend stays NULL", async () => {
    await at.cloud.run(
      at.session,
      "CREATE OR REPLACE WAREHOUSE w AUTO_SUSPEND = NULL INITIALLY_SUSPENDED = TRUE",
    );
    await at.cloud.run(
      at.session,
      "ALTER WAREHOUSE w SET COMMENT = 'c' STATEMENT_TIMEOUT_IN_SECONDS = 60 WAREHOUSE_SIZE = LARGE WAIT_FOR_COMPLETION = TRUE",
    );
    expect((await at.cloud.rows(at.session, "SHOW WAREHOUSES"))[0]).toMatchObject({
      comment: "c",
      size: "Large",
      auto_suspend: null,
    });
    expect(
      await at.cloud.rows(at.session, "SHOW PARAMETERS LIKE 'statement_timeout%' IN WAREHOUSE w"),
    ).toMatchObject([
      { key: "STATEMENT_TIMEOUT_IN_SECONDS", value: "60", default: "172800", level: "WAREHOUSE" },
    ]);
    await at.cloud.run(
      at.session,
      "ALTER WAREHOUSE w UNSET COMMENT, STATEMENT_TIMEOUT_IN_SECONDS, AUTO_SUSPEND",
    );
    expect((await at.cloud.rows(at.session, "SHOW WAREHOUSES"))[0]).toMatchObject({
      comment: "",
      auto_suspend: "600",
    });
    expect(
      await at.cloud.rows(at.session, "SHOW PARAMETERS LIKE 'statement_timeout%' IN WAREHOUSE w"),
    ).toMatchObject([{ value: "172800", level: "" }]);
  });

  test("suspend and resume only where they mean something", async () => {
    await at.cloud.run(at.session, "CREATE OR REPLACE WAREHOUSE w INITIALLY_SUSPENDED = TRUE");
    expect((await at.cloud.error(at.session, "ALTER WAREHOUSE w SUSPEND")).code).toBe("090064");
    await at.cloud.run(at.session, "ALTER WAREHOUSE w RESUME");
    expect((await at.cloud.rows(at.session, "SHOW WAREHOUSES"))[0]).toMatchObject({ state: "STARTED" });
    expect((await at.cloud.error(at.session, "ALTER WAREHOUSE w RESUME")).code).toBe("090064");
    await at.cloud.run(at.session, "ALTER WAREHOUSE w RESUME IF SUSPENDED");
    await at.cloud.run(at.session, "ALTER WAREHOUSE w SUSPEND");
    expect((await at.cloud.rows(at.session, "SHOW WAREHOUSES"))[0]).toMatchObject({ state: "SUSPENDED" });
  });
});

describe("resource monitors", () => {
  test("a warehouse over its quota is not resumed, a raised quota lets it", async () => {
    await at.cloud.all(
      at.session,
      "CREATE OR REPLACE RESOURCE MONITOR m WITH CREDIT_QUOTA = 1 TRIGGERS ON 100 PERCENT DO SUSPEND",
      "CREATE OR REPLACE WAREHOUSE w INITIALLY_SUSPENDED = TRUE WAREHOUSE_SIZE = X4LARGE RESOURCE_MONITOR = m",
      // One start costs a minute of 128 credits an hour.
      "ALTER WAREHOUSE w RESUME",
    );
    at.cloud.time += 30_000;
    await at.cloud.run(at.session, "ALTER WAREHOUSE w SUSPEND");
    expect(await at.cloud.rows(at.session, "SHOW RESOURCE MONITORS LIKE 'M'")).toMatchObject([
      { used_credits: "2.13", remaining_credits: "0.00" },
    ]);
    expect(await at.cloud.error(at.session, "ALTER WAREHOUSE w RESUME")).toEqual({
      code: "090073",
      message: "Warehouse 'W' cannot be resumed because resource monitor 'M' has exceeded its quota.",
    });
    await at.cloud.all(
      at.session,
      "ALTER RESOURCE MONITOR m SET CREDIT_QUOTA = 100",
      "ALTER WAREHOUSE w RESUME",
    );
    await at.cloud.run(at.session, "DROP RESOURCE MONITOR m");
  });

  test("who may MODIFY a warehouse neither lifts its monitor nor learns of others", async () => {
    await at.cloud.all(
      at.session,
      "CREATE OR REPLACE RESOURCE MONITOR m WITH CREDIT_QUOTA = 1",
      "CREATE OR REPLACE WAREHOUSE w INITIALLY_SUSPENDED = TRUE RESOURCE_MONITOR = m",
      "CREATE OR REPLACE ROLE loader",
      "GRANT MODIFY ON WAREHOUSE w TO ROLE loader",
    );
    const loader = at.cloud.session("FLUX-OPERATIONS", "LOADER");
    for (const change of [
      "SET RESOURCE_MONITOR = NULL",
      "UNSET RESOURCE_MONITOR",
      "SET RESOURCE_MONITOR = m",
    ]) {
      expect(await at.cloud.error(loader, `ALTER WAREHOUSE w ${change}`)).toMatchObject({ code: "002003" });
    }
    await at.cloud.run(loader, "ALTER WAREHOUSE w SET COMMENT = 'x'");
    await at.cloud.run(at.session, "GRANT MONITOR ON RESOURCE MONITOR m TO ROLE loader");
    expect((await at.cloud.error(loader, "ALTER WAREHOUSE w UNSET RESOURCE_MONITOR")).code).toBe("003001");
    await at.cloud.run(at.session, "GRANT MODIFY ON RESOURCE MONITOR m TO ROLE loader");
    await at.cloud.run(loader, "ALTER WAREHOUSE w UNSET RESOURCE_MONITOR");
    await at.cloud.run(at.session, "DROP RESOURCE MONITOR m");
  });

  test("quota, triggers and the warehouses under it", async () => {
    await at.cloud.all(
      at.session,
      "CREATE OR REPLACE RESOURCE MONITOR m WITH CREDIT_QUOTA = 100 FREQUENCY = DAILY START_TIMESTAMP = IMMEDIATELY NOTIFY_USERS = (DEPLOYER) TRIGGERS ON 50 PERCENT DO NOTIFY ON 80 PERCENT DO NOTIFY ON 100 PERCENT DO SUSPEND",
      "CREATE OR REPLACE WAREHOUSE w INITIALLY_SUSPENDED = TRUE RESOURCE_MONITOR = m",
    );
    expect(await at.cloud.rows(at.session, "SHOW RESOURCE MONITORS LIKE 'M'")).toMatchObject([
      {
        credit_quota: "100.00",
        used_credits: "0.00",
        remaining_credits: "100.00",
        level: "WAREHOUSE",
        frequency: "DAILY",
        notify_at: "50%,80%",
        suspend_at: "100%",
        suspend_immediately_at: null,
        notify_users: "DEPLOYER",
        start_time: expect.stringMatching(/^2026-03-01 12:0/),
      },
    ]);
    await at.cloud.run(
      at.session,
      "ALTER RESOURCE MONITOR m SET CREDIT_QUOTA = NULL TRIGGERS ON 90 PERCENT DO SUSPEND_IMMEDIATE",
    );
    expect(await at.cloud.rows(at.session, "SHOW RESOURCE MONITORS LIKE 'M'")).toMatchObject([
      { credit_quota: null, notify_at: null, suspend_immediately_at: "90%" },
    ]);
    await at.cloud.run(at.session, "DROP RESOURCE MONITOR m");
    expect(await at.cloud.rows(at.session, "SHOW WAREHOUSES LIKE 'W'")).toMatchObject([
      { resource_monitor: "null" },
    ]);
  });
});
