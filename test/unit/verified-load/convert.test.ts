import { READINGS_COLUMNS } from "../../../components/readings-columns.ts";
import { convert } from "../../../components/verified-load/audit/convert.ts";

/** Types as INFER_SCHEMA writes them, by how they convert. */
const TYPES = {
  text: ["TEXT", "VARCHAR(16777216)"],
  number: ["NUMBER(38, 0)", "NUMBER(10,0)", "DECIMAL(22, 0)"],
  decimal: ["NUMBER(23, 2)", "DECIMAL(18,6)"],
  real: ["REAL", "FLOAT", "DOUBLE"],
  ntz: ["TIMESTAMP_NTZ", "TIMESTAMP_NTZ(6)", "DATETIME"],
  instant: ["TIMESTAMP_LTZ", "TIMESTAMP_TZ(9)"],
  date: ["DATE"],
  binary: ["BINARY", "BINARY(8388608)"],
  other: ["BOOLEAN", "VARIANT", "ARRAY", "OBJECT", "TIME(6)", "GEOGRAPHY", ""],
};
type Kind = keyof typeof TYPES;
const KINDS = Object.keys(TYPES) as Kind[];

/** What converts, by the readings' type; whatever is not here has no conversion, and is refused before anything lands. */
const CONVERTS: Record<string, Kind[]> = {
  VARCHAR: ["text", "number", "binary"],
  FLOAT: ["text", "number", "decimal", "real", "binary"],
  NUMBER: ["text", "number", "decimal", "real", "binary"],
  TIMESTAMP_NTZ: ["text", "number", "decimal", "real", "ntz", "instant", "date", "binary"],
};

test.each(READINGS_COLUMNS.map((column) => [column.name, column] as const))(
  "%s: each type of a file either converts or is refused",
  (_name, column) => {
    const found = KINDS.filter((kind) => {
      const conversions = TYPES[kind].map((type) => convert(column, { name: column.name, type }));
      const defined = new Set(conversions.map((conversion) => conversion !== undefined));
      expect(defined.size).toBe(1);
      return defined.has(true);
    });
    expect(found).toEqual(CONVERTS[column.type.split("(")[0] ?? ""]);
  },
);

test("a column that the files do not have is NULL, and no reason to reject a row", () => {
  for (const column of READINGS_COLUMNS)
    expect(convert(column, undefined)).toEqual({ value: `NULL::${column.type}` });
});

test("a type of Snowflake's that nobody thought of is refused, not guessed", () => {
  for (const type of ["VECTOR(FLOAT, 3)", "INTERVAL", "DECFLOAT", "DATE_OF_SOMETHING"])
    for (const column of READINGS_COLUMNS) expect(convert(column, { name: "X", type })).toBeUndefined();
});

test.each([
  ["METER_ID", "TEXT", true],
  ["METER_ID", "NUMBER(10,0)", true],
  ["METER_ID", "BINARY", false],
  ["CUSTOMER_SEGMENT_ID", "TEXT", false],
  ["USAGE_KWH", "REAL", true],
  ["USAGE_KWH", "NUMBER(38,0)", true],
  ["USAGE_KWH", "TEXT", false],
  ["VOLTAGE", "NUMBER(22,0)", true],
  ["VOLTAGE", "NUMBER(23, 0)", false],
  ["VOLTAGE", "NUMBER(22,1)", false],
  ["VOLTAGE", "REAL", false],
  ["VOLTAGE", "TEXT", false],
  ["POWER_FACTOR", "NUMBER(23,2)", true],
  ["POWER_FACTOR", "NUMBER(21,0)", true],
  ["POWER_FACTOR", "NUMBER(22,0)", false],
  ["POWER_FACTOR", "NUMBER(5,3)", false],
  ["TIMESTAMP", "TIMESTAMP_NTZ(6)", true],
  ["TIMESTAMP", "TIMESTAMP_LTZ", true],
  ["TIMESTAMP", "DATE", true],
  ["TIMESTAMP", "NUMBER(38,0)", false],
  ["TIMESTAMP", "REAL", false],
  ["TIMESTAMP", "TEXT", false],
])("%s of a %s is never rejected: %p", (name, type, always) => {
  const column = READINGS_COLUMNS.find((one) => one.name === name) as (typeof READINGS_COLUMNS)[number];
  const conversion = convert(column, { name: "x", type });
  expect(conversion?.value).toContain('"x"');
  expect(conversion?.fails === undefined).toBe(always);
});

test("a text that is read as a time is prepared once, under a name of the column's", () => {
  const [, column] = READINGS_COLUMNS;
  const { value, prepared } = convert(column, { name: "x", type: "TEXT" }) ?? {};
  expect(prepared?.name).toContain(column.name);
  expect(prepared?.value).toContain('"x"');
  expect(value).toContain(prepared?.name);
});
