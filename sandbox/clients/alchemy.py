"""Makes, fills, reads and reflects a table by snowflake-sqlalchemy, and prints what it found."""

import json
import sys

import pandas
import sqlalchemy
from snowflake.sqlalchemy import URL

request = json.load(sys.stdin)
engine = sqlalchemy.create_engine(
    URL(**{name: value for name, value in request["connect"].items() if name != "protocol"}),
    connect_args={"protocol": request["connect"]["protocol"]},
)
metadata = sqlalchemy.MetaData()
meters = sqlalchemy.Table(
    "meters",
    metadata,
    sqlalchemy.Column("id", sqlalchemy.Integer, primary_key=True, autoincrement=False),
    sqlalchemy.Column("name", sqlalchemy.String(20), nullable=False),
    sqlalchemy.Column("kwh", sqlalchemy.Numeric(10, 3)),
)
metadata.create_all(engine)
with engine.begin() as connection:
    connection.execute(meters.insert(), [{"id": 1, "name": "a", "kwh": 1.5}, {"id": 2, "name": "b", "kwh": None}])
with engine.connect() as connection:
    rows = [list(map(str, row)) for row in connection.execute(sqlalchemy.select(meters).order_by(meters.c.id))]
inspector = sqlalchemy.inspect(engine)
reflected = sqlalchemy.Table("meters", sqlalchemy.MetaData(), autoload_with=engine)
pandas.DataFrame({"n": [1, 2, 3]}).to_sql("numbers", engine, index=False)
print(
    json.dumps(
        {
            "rows": rows,
            "tables": sorted(inspector.get_table_names()),
            "key": inspector.get_pk_constraint("meters")["constrained_columns"],
            "columns": {column.name: [str(column.type), column.nullable] for column in reflected.columns},
            "sum": int(pandas.read_sql("SELECT SUM(N) AS S FROM NUMBERS", engine)["s"][0]),
        }
    )
)
metadata.drop_all(engine)
engine.dispose()
