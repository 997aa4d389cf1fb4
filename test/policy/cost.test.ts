import * as cost from "../../policies/cost.ts";
import { type Harmless, type Mutation, testDomain } from "./mutations.ts";

const mutations: Mutation[] = [
  {
    policy: cost.warehouseSizeWithinLimit,
    change: "a warehouse above the limit, spelt as people do",
    mutate: ({ warehouse }) => Object.assign(warehouse.props, { warehouseSize: "x-large" }),
    says: /^warehouse: warehouseSize is x-large; at most MEDIUM is allowed here/,
  },
  {
    policy: cost.warehouseSizeWithinLimit,
    change: "a size that does not exist",
    mutate: ({ warehouse }) => Object.assign(warehouse.props, { warehouseSize: "HUGE" }),
    says: /"HUGE", which is no warehouse size\. Use one of XSMALL, SMALL/,
  },
  {
    policy: cost.warehouseSizeWithinLimit,
    change: "a load above the limit",
    mutate: ({ load }) => Object.assign(load.props, { loadSize: "XXLARGE" }),
    says: /^load: the size during a load is XXLARGE; at most XLARGE/,
  },
  {
    policy: cost.warehouseSizeWithinLimit,
    change: "several clusters",
    mutate: ({ warehouse }) => Object.assign(warehouse.props, { maxClusterCount: 4 }),
    says: /maxClusterCount is 4; at most 1/,
  },
  {
    policy: cost.warehouseSuspends,
    change: "an auto-suspend above five minutes",
    mutate: ({ warehouse }) => Object.assign(warehouse.props, { autoSuspend: 301 }),
    says: /autoSuspend is 301 s\. Set it to 300 s or less/,
  },
  {
    policy: cost.warehouseSuspends,
    change: "a warehouse that never suspends",
    mutate: ({ warehouse }) => Object.assign(warehouse.props, { autoSuspend: 0 }),
    says: /it never suspends/,
  },
  {
    policy: cost.warehouseSuspends,
    change: "an auto-suspend left to Snowflake",
    mutate: ({ warehouse }) => void delete warehouse.props.autoSuspend,
    says: /not set, so it is 600 s/,
  },
  {
    policy: cost.warehouseHasMonitor,
    change: "a warehouse without a monitor",
    mutate: ({ warehouse }) => void delete warehouse.props.resourceMonitor,
    says: /no resource monitor is attached\. Set the stack's monthly credit quota/,
  },
  {
    policy: cost.warehouseHasMonitor,
    change: "a monitor without a quota",
    mutate: ({ monitor }) => void delete monitor.props.creditQuota,
    says: /creditQuota is not set/,
  },
  {
    policy: cost.warehouseHasMonitor,
    change: "a monitor that only notifies",
    mutate: ({ monitor }) => void delete monitor.props.suspendTrigger,
    says: /no trigger suspends at the quota/,
  },
  {
    policy: cost.loadHasTimeout,
    change: "a timeout longer than a COPY may run",
    mutate: ({ load }) => Object.assign(load.props, { statementTimeoutSeconds: 172_800 }),
    says: /statementTimeoutSeconds is 172800\. Set it between 1 and 86400 s/,
  },
  {
    policy: cost.loadHasTimeout,
    change: "no timeout",
    mutate: ({ load }) => void delete load.props.statementTimeoutSeconds,
    says: /statementTimeoutSeconds is not set; Snowflake would run for two days/,
  },
];

const rented: [string, Record<string, unknown>, RegExp][] = [
  ["query acceleration", { enableQueryAcceleration: "true" }, /rents further machines/],
  ["Snowpark memory", { warehouseType: "snowpark-optimized" }, /which costs half as much again/],
  ["clusters that always run", { minClusterCount: 3 }, /so many would always run/],
];
mutations.push(
  ...rented.map(([change, props, says]) => ({
    policy: cost.warehouseIsPlain,
    change,
    mutate: ({ warehouse }: Parameters<Mutation["mutate"]>[0]) => Object.assign(warehouse.props, props),
    says,
  })),
  {
    policy: cost.warehouseStopsStatements,
    change: "no statement timeout",
    mutate: ({ warehouse }) => Object.assign(warehouse.props, { statementTimeoutInSeconds: 0 }),
    says: /statementTimeoutInSeconds is 0\. Set it/,
  },
  {
    policy: cost.warehouseHasMonitor,
    change: "a monitor with an empty name",
    mutate: ({ warehouse }) => Object.assign(warehouse.props, { resourceMonitor: "" }),
    says: /no resource monitor is attached/,
  },
  {
    policy: cost.warehouseHasMonitor,
    change: "a quota that caps nothing",
    mutate: ({ monitor }) => Object.assign(monitor.props, { creditQuota: 1_000_000 }),
    says: /creditQuota is 1000000; at most 1000/,
  },
  {
    policy: cost.warehouseHasMonitor,
    change: "a quota filled up every day",
    mutate: ({ monitor }) => Object.assign(monitor.props, { frequency: "DAILY" }),
    says: /filled up again DAILY/,
  },
);

const harmless: Harmless[] = [
  {
    policy: cost.warehouseSizeWithinLimit,
    change: "a larger warehouse where the settings allow it",
    mutate: ({ warehouse }) => Object.assign(warehouse.props, { warehouseSize: "X-LARGE" }),
    settings: { largest: "XLARGE" },
  },
  {
    policy: cost.warehouseHasMonitor,
    change: "a monitor whose name is not known before `up`",
    mutate: ({ warehouse }) =>
      Object.assign(warehouse.props, { resourceMonitor: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" }),
  },
];

describe("cost", () => testDomain(cost, mutations, harmless));
