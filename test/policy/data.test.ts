import * as data from "../../policies/data.ts";
import { type Harmless, type Mutation, testDomain } from "./mutations.ts";

const mutations: Mutation[] = [
  {
    policy: data.readingsTableHasShape,
    change: "a missing column",
    mutate: ({ table }) => table.props.columns.splice(3, 1),
    says: /^readings: the column VOLTAGE is missing\. Add it as NUMBER\(22,0\)/,
  },
  {
    policy: data.readingsTableHasShape,
    change: "a column of another type",
    mutate: ({ table }) => Object.assign(table.props.columns[1], { type: "TIMESTAMP_LTZ(9)" }),
    says: /the column TIMESTAMP is TIMESTAMP_LTZ\(9\)\. Make it TIMESTAMP_NTZ\(9\)/,
  },
  {
    policy: data.readingsTableHasShape,
    change: "no clustering key",
    mutate: ({ table }) => void delete table.props.clusterBies,
    says: /clustering key is \(none\)\. Set it to \(DATE_TRUNC\('day', TIMESTAMP\), METER_ID\)/,
  },
  {
    policy: data.readingsTableHasShape,
    change: "a clustering key in another order",
    mutate: ({ table }) => table.props.clusterBies.reverse(),
    says: /clustering key is \(METER_ID, DATE_TRUNC/,
  },
  {
    policy: data.readingsTableHasShape,
    change: "another key than that in whose order the load publishes",
    mutate: ({ load }) => Object.assign(load.props, { clusterBy: ["TO_DATE(TIMESTAMP)"] }),
    says: /clustering key is \(DATE_TRUNC.*Set it to \(TO_DATE\(TIMESTAMP\)\)/,
  },
  {
    policy: data.readingsAreProtected,
    change: "a table that may be deleted",
    mutate: ({ table }) => Object.assign(table, { protect: false }),
    says: /^readings: it is not protected; its rows would go with it/,
  },
  {
    policy: data.readingsAreProtected,
    change: "an integration that may be replaced",
    mutate: ({ integration }) => Object.assign(integration, { protect: false }),
    says: /every stage on it would stop working.*Set the stack's protect to true/,
  },
  {
    policy: data.readingsTableHasShape,
    change: "a missing column under another name",
    mutate: ({ table, load }) => {
      Object.assign(table.props, { name: "READINGS" });
      Object.assign(load.props, { table: "READINGS" });
      table.props.columns.splice(3, 1);
    },
    says: /^readings: the column VOLTAGE is missing/,
  },
  {
    policy: data.readingsTableHasShape,
    change: "a table that is not declared",
    mutate: ({ load }) => Object.assign(load.props, { table: "ELSEWHERE" }),
    says: /^load: fills the table ELSEWHERE, which is not in this stack/,
  },
  {
    policy: data.readingsAreProtected,
    change: "a bucket that a destroy would empty",
    mutate: ({ bucket }) => Object.assign(bucket.props, { forceDestroy: true }),
    says: /^raw: forceDestroy would empty the bucket for good/,
  },
  {
    policy: data.rowsCanBeBroughtBack,
    change: "no Time Travel",
    mutate: ({ table }) => Object.assign(table.props, { dataRetentionTimeInDays: 0 }),
    says: /dataRetentionTimeInDays is 0/,
  },
  {
    policy: data.rowsAreNotSkipped,
    change: "SKIP_FILE in a stage's copy options, quoted",
    mutate: ({ stage }) =>
      Object.assign(stage.props, { copyOptions: "PURGE = FALSE on_error='skip_file_10%'" }),
    says: /ON_ERROR is skip_file_10%\. Use CONTINUE or ABORT_STATEMENT/,
  },
  {
    policy: data.rowsAreNotSkipped,
    change: "SKIP_FILE for the load",
    mutate: ({ load }) => Object.assign(load.props, { onError: "SKIP_FILE" }),
    says: /^load: ON_ERROR is SKIP_FILE/,
  },
  {
    policy: data.qualityGatesAreOn,
    change: "a check that is off",
    mutate: ({ load }) => Object.assign(load.props, { quality: { duplicates: { severity: "off" } } }),
    says: /the check duplicates is off\. Set quality\.duplicates\.severity to fail or warn/,
  },
  {
    policy: data.deletionKeepsRows,
    change: "deletion that truncates",
    mutate: ({ load }) => Object.assign(load.props, { onDelete: "truncate" }),
    says: /onDelete is truncate.*Set onDelete to retain/,
  },
];

const harmless: Harmless[] = [
  {
    policy: data.readingsTableHasShape,
    change: "synonyms, another spelling of the key, and a further column",
    mutate: ({ table }) => {
      Object.assign(table.props.columns[0], { type: "string" });
      Object.assign(table.props.columns[2], { type: "DOUBLE PRECISION" });
      table.props.columns.push({ name: "READ_AT", type: "DATE" });
      table.props.clusterBies = ["date_trunc( 'day' , \"TIMESTAMP\")", "meter_id"];
    },
  },
  {
    policy: data.readingsTableHasShape,
    change: "the table under another name",
    mutate: ({ table, load }) => {
      Object.assign(table.props, { name: "READINGS" });
      Object.assign(load.props, { table: '"READINGS"' });
    },
  },
  {
    policy: data.qualityGatesAreOn,
    change: "a check that the settings let be off",
    mutate: ({ load }) => Object.assign(load.props, { quality: { duplicates: { severity: "off" } } }),
    settings: { mayBeOff: ["duplicates"] },
  },
];

describe("data", () => testDomain(data, mutations, harmless));
