"""Writes the same readings as other programs write them: one parquet file for each shape, a day of one meter each.

In: {"folder", "shapes": {name: day}} and "rows" of one day, as JSON on standard input. Out: what each file is about.
"""

import datetime
import decimal
import json
import os
import sys

import pandas
import pyarrow as pa
import pyarrow.parquet as pq

given = json.load(sys.stdin)
folder, shapes, rows = given["folder"], given["shapes"], given["rows"]
UTC = datetime.timezone.utc
TEXT = ["METER_ID", "CUSTOMER_SEGMENT_ID", "SOURCE_TABLE"]


def times(day):
    first = datetime.datetime.fromisoformat(day)
    return [first + datetime.timedelta(minutes=15 * index) for index in range(len(rows))]


def micros(day):
    return [int(at.replace(tzinfo=UTC).timestamp()) * 1_000_000 for at in times(day)]


def columns(day, **changes):
    found = {
        "METER_ID": pa.array([row["meterId"] for row in rows], pa.string()),
        "TIMESTAMP": pa.array(times(day), pa.timestamp("us")),
        "USAGE_KWH": pa.array([row["usageKwh"] for row in rows], pa.float64()),
        "VOLTAGE": pa.array([row["voltage"] for row in rows], pa.int64()),
        "POWER_FACTOR": pa.array([row["powerFactor"] for row in rows], pa.float64()),
        "CUSTOMER_SEGMENT_ID": pa.array([row["segment"] for row in rows], pa.string()),
        "SOURCE_TABLE": pa.array([row["sourceTable"] for row in rows], pa.string()),
    }
    found.update(changes)
    return {name: column for name, column in found.items() if column is not None}


def table(day, **changes):
    return pa.table(columns(day, **changes))


def zoned(day, unit, zone):
    return pa.array([at.replace(tzinfo=UTC) for at in times(day)], pa.timestamp(unit, zone))


def texts(day, spell):
    return pa.array([spell(at) for at in times(day)], pa.string())


def in_zone(at, hours, spell):
    return spell(at + datetime.timedelta(hours=hours))


def numbers(day, scale, kind=pa.int64()):
    return pa.array([kind == pa.float64() and value / 1e6 or value * scale // 1_000_000 for value in micros(day)], kind)


def decimals(field, kind):
    return pa.array([decimal.Decimal(str(round(row[field], 4))) for row in rows], kind)


def stamp(**more):
    return lambda day: (table(day, **{name: make(day) for name, make in more.items()}), {})


def column(name, make):
    return lambda day: (table(day, **{name: make(day)}), {})


def written(**options):
    return lambda day: (table(day), options)


def iso(at):
    return at.isoformat()


def spaced(at):
    return at.strftime("%Y-%m-%d %H:%M:%S")


def frame(day, **options):
    found = pandas.DataFrame(
        {name: values.to_pandas() for name, values in columns(day).items()}
    )
    return ("pandas", found, options)


plain_names = list(columns("2026-01-01"))
SHAPES = {
    "arrow": written(),
    "pandas": lambda day: frame(day, index=False),
    "pandasIndex": lambda day: frame(day, index=True),
    # Times.
    "seconds": stamp(TIMESTAMP=lambda day: pa.array(times(day), pa.timestamp("s"))),
    "millis": stamp(TIMESTAMP=lambda day: pa.array(times(day), pa.timestamp("ms"))),
    "nanos": stamp(TIMESTAMP=lambda day: pa.array(times(day), pa.timestamp("ns"))),
    "utc": stamp(TIMESTAMP=lambda day: zoned(day, "us", "UTC")),
    "utcNanos": stamp(TIMESTAMP=lambda day: zoned(day, "ns", "UTC")),
    "berlin": stamp(TIMESTAMP=lambda day: zoned(day, "us", "Europe/Berlin")),
    "int96": written(use_deprecated_int96_timestamps=True),
    "coerced": written(coerce_timestamps="ms", allow_truncated_timestamps=True),
    "isoText": stamp(TIMESTAMP=lambda day: texts(day, iso)),
    "isoZ": stamp(TIMESTAMP=lambda day: texts(day, lambda at: iso(at) + "Z")),
    "isoMillisZ": stamp(TIMESTAMP=lambda day: texts(day, lambda at: iso(at) + ".000Z")),
    "isoOffset": stamp(TIMESTAMP=lambda day: texts(day, lambda at: in_zone(at, 2, iso) + "+02:00")),
    "isoShortOffset": stamp(TIMESTAMP=lambda day: texts(day, lambda at: in_zone(at, -5, iso) + "-0500")),
    "postgresText": stamp(TIMESTAMP=lambda day: texts(day, lambda at: spaced(at) + "+00")),
    "utcText": stamp(TIMESTAMP=lambda day: texts(day, lambda at: spaced(at) + " UTC")),
    "minuteText": stamp(TIMESTAMP=lambda day: texts(day, lambda at: at.strftime("%Y-%m-%dT%H:%M"))),
    "microsText": stamp(TIMESTAMP=lambda day: texts(day, lambda at: spaced(at) + ".000000")),
    "nanosText": stamp(TIMESTAMP=lambda day: texts(day, lambda at: spaced(at) + ",000000000")),
    "blankText": stamp(TIMESTAMP=lambda day: texts(day, lambda at: f"  {spaced(at)} ")),
    "epochSeconds": stamp(TIMESTAMP=lambda day: numbers(day, 1)),
    "epochMillis": stamp(TIMESTAMP=lambda day: numbers(day, 1_000)),
    "epochMicros": stamp(TIMESTAMP=lambda day: numbers(day, 1_000_000)),
    "epochNanos": stamp(TIMESTAMP=lambda day: numbers(day, 1_000_000_000)),
    "epochDouble": stamp(TIMESTAMP=lambda day: numbers(day, 1, pa.float64())),
    "epochText": stamp(TIMESTAMP=lambda day: pa.array([str(value // 1_000) for value in micros(day)])),
    # Numbers.
    "usageFloat": column("USAGE_KWH", lambda day: columns(day)["USAGE_KWH"].cast(pa.float32())),
    "usageDecimal": column("USAGE_KWH", lambda day: decimals("usageKwh", pa.decimal128(38, 10))),
    "usageText": column("USAGE_KWH", lambda day: pa.array([f" {row['usageKwh']} " for row in rows])),
    "voltageByte": column("VOLTAGE", lambda day: columns(day)["VOLTAGE"].cast(pa.uint8())),
    "voltageUnsigned": column("VOLTAGE", lambda day: columns(day)["VOLTAGE"].cast(pa.uint64())),
    "voltageDouble": column("VOLTAGE", lambda day: columns(day)["VOLTAGE"].cast(pa.float64())),
    "voltageDecimal": column("VOLTAGE", lambda day: decimals("voltage", pa.decimal128(9, 3))),
    "voltageText": column("VOLTAGE", lambda day: pa.array([f"{row['voltage']}.0" for row in rows])),
    "voltageExponent": column("VOLTAGE", lambda day: pa.array([f"{row['voltage'] / 100:.2f}e2" for row in rows])),
    "factorDecimal": column("POWER_FACTOR", lambda day: decimals("powerFactor", pa.decimal128(5, 4))),
    "factorFloat": column("POWER_FACTOR", lambda day: columns(day)["POWER_FACTOR"].cast(pa.float32())),
    "factorText": column("POWER_FACTOR", lambda day: pa.array([str(row["powerFactor"]) for row in rows])),
    # Texts.
    "largeText": column("METER_ID", lambda day: columns(day)["METER_ID"].cast(pa.large_string())),
    "bytes": column("METER_ID", lambda day: columns(day)["METER_ID"].cast(pa.binary())),
    "allBytes": lambda day: (
        table(day, **{name: columns(day)[name].cast(pa.binary()) for name in TEXT}, TIMESTAMP=texts(day, iso).cast(pa.binary())),
        {},
    ),
    "categories": lambda day: (table(day, **{name: columns(day)[name].dictionary_encode() for name in TEXT}), {}),
    # Encodings, pages, groups, codecs.
    "noDictionary": written(use_dictionary=False),
    "delta": written(
        use_dictionary=False,
        column_encoding={
            "METER_ID": "DELTA_BYTE_ARRAY",
            "TIMESTAMP": "DELTA_BINARY_PACKED",
            "USAGE_KWH": "BYTE_STREAM_SPLIT",
            "VOLTAGE": "DELTA_BINARY_PACKED",
            "CUSTOMER_SEGMENT_ID": "DELTA_LENGTH_BYTE_ARRAY",
        },
    ),
    "pagesV2": written(data_page_version="2.0", data_page_size=64),
    "version1": written(version="1.0"),
    "tinyGroups": written(row_group_size=1),
    "checksums": written(write_page_checksum=True, write_page_index=True, write_statistics=False),
    "noArrowSchema": written(store_schema=False),
    "brotli": written(compression="brotli"),
    "lz4": written(compression="lz4"),
    "gzip": written(compression="gzip"),
    "zstd": written(compression="zstd"),
    "none": written(compression="none"),
    # Names and order.
    "lowerCase": lambda day: (table(day).rename_columns([name.lower() for name in plain_names]), {}),
    "otherOrder": lambda day: (table(day).select(plain_names[::-1]), {}),
    "notNull": lambda day: (
        pa.Table.from_arrays(
            table(day).columns,
            schema=pa.schema([field.with_nullable(False) for field in table(day).schema]),
        ),
        {},
    ),
    # Not the same: what becomes of them is for the test to say.
    "longText": column("CUSTOMER_SEGMENT_ID", lambda day: pa.array(["RESIDENTIAL" + ("-X" if index == 5 else "") for index in range(len(rows))])),
    "unicode": column("CUSTOMER_SEGMENT_ID", lambda day: pa.array(["Re\u0301sidu 😀" if index % 2 else "Résidu 😀" for index in range(len(rows))])),
    "notANumber": column("USAGE_KWH", lambda day: pa.array([float("nan") if index == 1 else float("inf") if index == 2 else 1.0 for index in range(len(rows))])),
    "wrongTimes": stamp(TIMESTAMP=lambda day: texts(day, lambda at: at.strftime("%d.%m.%Y %H:%M") if at.hour == 1 else iso(at))),
    "wrongNumbers": column("VOLTAGE", lambda day: pa.array([["1,180", "", "n/a"][index] if index < 3 else "118" for index in range(len(rows))])),
    "huge": column("VOLTAGE", lambda day: pa.array([1e300 if index == 7 else float("nan") if index == 8 else 118.0 for index in range(len(rows))])),
    "allNull": column("SOURCE_TABLE", lambda day: pa.nulls(len(rows))),
    "nested": column("EXTRA", lambda day: pa.array([{"a": 1}] * len(rows))),
    "boolean": column("VOLTAGE", lambda day: pa.array([True] * len(rows))),
    "timeOfDay": stamp(TIMESTAMP=lambda day: pa.array([at.time() for at in times(day)], pa.time64("us"))),
    "realMeters": column("METER_ID", lambda day: pa.array([1.0] * len(rows))),
    "twice": lambda day: (table(day).append_column("voltage", columns(day)["VOLTAGE"]), {}),
    "lacking": column("POWER_FACTOR", lambda day: None),
}

for name, day in shapes.items():
    made = SHAPES[name](day)
    path = os.path.join(folder, f"{name}.parquet")
    if made[0] is not None and isinstance(made[0], str):
        made[1].to_parquet(path, **made[2])
    else:
        pq.write_table(made[0], path, **made[1])
print(json.dumps({"pyarrow": pa.__version__, "files": len(shapes)}))
