"""Reads results as pandas frames and Arrow tables, and prints what they are."""

import json
import sys

import snowflake.connector

request = json.load(sys.stdin)
with snowflake.connector.connect(**request["connect"]) as connection:
    cursor = connection.cursor()
    frames = []
    for sql in request["statements"]:
        frame = cursor.execute(sql).fetch_pandas_all()
        sums = {name: str(frame[name].sum()) for name in frame.columns if frame[name].dtype.kind in "if"}
        last = [str(value) for value in frame.iloc[-1]] if len(frame) else None
        frames.append(
            {
                "rows": len(frame),
                "types": {name: str(kind) for name, kind in frame.dtypes.items()},
                "sums": sums,
                "last": last,
                "arrow": str(cursor.execute(sql).fetch_arrow_all(force_return_table=True).schema.types),
                "batches": sum(len(batch) for batch in cursor.execute(sql).fetch_pandas_batches()),
            }
        )
    print(json.dumps(frames))
