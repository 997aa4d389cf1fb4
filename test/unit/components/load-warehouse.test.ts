import { LoadWarehouse, type LoadWarehouseArgs } from "../../../components/load-warehouse.ts";
import { build } from "../../support/mocks.ts";

const warehouse = (args: Partial<LoadWarehouseArgs> = {}) =>
  build(() => new LoadWarehouse("compute", { warehouseName: "FLUX_DEV_LOAD_WH", ...args }));

const WAREHOUSE = "snowflake:index/warehouse:Warehouse";
const MONITOR = "snowflake:index/resourceMonitor:ResourceMonitor";

test("is small at rest, stops soon, wakes by itself, and ends what runs too long", async () => {
  const { resources, one } = await warehouse();
  expect(resources.map(({ name }) => name)).toEqual(["compute", "compute-warehouse"]);
  expect(one(WAREHOUSE).options.parent).toBe("compute");
  expect(one(WAREHOUSE).inputs).toEqual({
    name: "FLUX_DEV_LOAD_WH",
    warehouseSize: "MEDIUM",
    autoSuspend: 60,
    autoResume: "true",
    initiallySuspended: true,
    statementTimeoutInSeconds: 14_400,
    comment: "Loads and verifies meter readings",
  });
});

test("stops at its credit quota when it has one", async () => {
  const { one } = await warehouse({ monthlyCreditQuota: 100 });
  expect(one(MONITOR)).toMatchObject({
    name: "compute-monitor",
    options: { parent: "compute" },
    inputs: { name: "FLUX_DEV_LOAD_WH_MONITOR", creditQuota: 100, frequency: "MONTHLY", suspendTrigger: 100 },
  });
  expect(one(WAREHOUSE).inputs.resourceMonitor).toBe('"FLUX_DEV_LOAD_WH_MONITOR"');
});

test("takes sizes and times, and a transform", async () => {
  const { one } = await warehouse({
    warehouseSize: "LARGE",
    autoSuspendSeconds: 120,
    statementTimeoutSeconds: 600,
    transform: {
      warehouse: (args, options) => [
        { ...args, maxClusterCount: 2 },
        { ...options, protect: true },
      ],
    },
  });
  expect(one(WAREHOUSE)).toMatchObject({
    inputs: { warehouseSize: "LARGE", autoSuspend: 120, statementTimeoutInSeconds: 600, maxClusterCount: 2 },
    options: { protect: true, parent: "compute" },
  });
});
