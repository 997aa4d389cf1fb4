"""Has sqlglot parse the statements that come as a JSON list on its standard input, and prints those that it cannot.

Out: [{"sql", "why"}]. It has no grammar for Snowflake Scripting: of a block the queries and changes are parsed, one by one.
"""

import json
import logging
import re
import sys

import sqlglot

# For what it has no tree, as ALTER WAREHOUSE, it keeps the text, and says so.
logging.disable(logging.WARNING)

BLOCK = re.compile(r"\s*(DECLARE|BEGIN\s+(?!TRANSACTION|WORK|NAME|;|$))", re.IGNORECASE)
WITHIN = re.compile(r"^\s*(?:SELECT|INSERT|UPDATE|DELETE|MERGE)\b.*?;$", re.MULTILINE | re.DOTALL)


def faults(sql):
    for part in WITHIN.findall(sql) if BLOCK.match(sql) else [sql]:
        try:
            sqlglot.parse(part, read="snowflake")
        except sqlglot.errors.SqlglotError as error:
            yield {"sql": part, "why": str(error).splitlines()[0]}


if __name__ == "__main__":
    print(json.dumps([fault for sql in json.load(sys.stdin) for fault in faults(sql)]))
