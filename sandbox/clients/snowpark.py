"""Works on frames by Snowpark, and prints what came of it."""

import json
import sys

from snowflake.snowpark import Session
from snowflake.snowpark import functions as F

request = json.load(sys.stdin)
session = Session.builder.configs(request["connect"]).create()
readings = session.create_dataframe(
    [["M1", 1, 0.25], ["M1", 2, 0.5], ["M2", 1, None]], schema=["METER_ID", "QUARTER", "KWH"]
)
readings.write.mode("overwrite").save_as_table("PARK_READINGS")
table = session.table("PARK_READINGS")
meters = session.create_dataframe([["M1", "Homes"], ["M2", "Shops"]], schema=["METER_ID", "SEGMENT"])
joined = table.join(meters, "METER_ID").group_by("SEGMENT").agg(F.sum("KWH").alias("KWH"), F.count("*").alias("N"))
updated = table.update({"KWH": F.lit(1)}, F.col("KWH").is_null())
many = session.create_dataframe([[number, str(number)] for number in range(600)], schema=["N", "T"])
merged = table.merge(
    meters, table["METER_ID"] == meters["METER_ID"], [F.when_matched().update({"QUARTER": F.lit(9)})]
)
print(
    json.dumps(
        {
            "joined": [list(row) for row in joined.sort("SEGMENT").collect()],
            "updated": updated.rows_updated,
            "merged": merged.rows_updated,
            "many": many.agg(F.sum("N")).collect()[0][0],
            "cached": table.filter(F.col("KWH") > 0.3).cache_result().count(),
            "pandas": {name: str(kind) for name, kind in table.to_pandas().dtypes.items()},
        }
    )
)
session.close()
