"""Writes a pandas frame into tables: into one that is there, and into one that write_pandas makes. Prints what is in them."""

import datetime
import json
import sys

import pandas
import snowflake.connector
from snowflake.connector.pandas_tools import write_pandas

from run import cell

request = json.load(sys.stdin)
frame = pandas.DataFrame(
    {
        "METER_ID": ["M1", "M2", None],
        "KWH": [0.25, None, 1.5],
        "COUNT": [1, 2, 3],
        "AT": pandas.to_datetime(["2026-01-01 00:15", "2026-01-01 00:30", None]),
        "DAY": [datetime.date(2026, 1, 1), None, None],
    }
)
with snowflake.connector.connect(**request["connect"]) as connection:
    cursor = connection.cursor()

    def written(table, **options):
        ok, chunks, rows, _ = write_pandas(connection, frame, table, use_logical_type=True, **options)
        stored = cursor.execute(f'SELECT * FROM "{table}" ORDER BY COUNT').fetchall()
        return {"ok": ok, "chunks": chunks, "rows": rows, "stored": [[cell(value) for value in row] for row in stored]}

    cursor.execute("CREATE TABLE FRAMES (METER_ID VARCHAR, KWH FLOAT, COUNT INT, AT TIMESTAMP_NTZ, DAY DATE)")
    outcomes = [written("FRAMES", chunk_size=2), written("made", auto_create_table=True)]
    outcomes.append(written("made", auto_create_table=True, overwrite=True))
    left = cursor.execute("SHOW STAGES").fetchall()
    print(json.dumps({"outcomes": outcomes, "stages": len(left)}))
