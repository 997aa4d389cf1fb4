"""Runs the statements that come as JSON on its standard input, all in one session, and prints what became of each.

In: {"connect": {...}, "statements": [sql, ...]}; out: one [{"format", "rows"} or {"error": code, "message"}] for each.
Cells are texts as Snowflake's default output formats show them, so that they can be compared with other clients' cells.
"""

import datetime
import decimal
import json
import sys

import snowflake.connector


def float_text(value):
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "inf" if value > 0 else "-inf"
    exact = decimal.Decimal(repr(value))
    if value == 0 or 1e-7 < abs(value) < 1e21:
        text = format(exact, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    sign, digits, exponent = exact.normalize().as_tuple()
    exponent += len(digits) - 1
    mantissa = str(digits[0]) + ("." + "".join(map(str, digits[1:])) if len(digits) > 1 else "")
    return f"{'-' if sign else ''}{mantissa}e{'+' if exponent >= 0 else '-'}{abs(exponent)}"


def cell(value):
    if value is None:
        return None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        zone = value.strftime(" %z") if value.tzinfo else ""
        return value.replace(tzinfo=None).isoformat(" ", "milliseconds") + zone
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return value.hex().upper()
    return str(value)


def outcome(cursor, sql):
    try:
        cursor.execute(sql)
        rows = [[cell(value) for value in row] for row in cursor.fetchall()]
        return {"format": cursor._query_result_format, "rows": rows}
    except snowflake.connector.errors.Error as error:
        return {"error": f"{error.errno:06}", "message": error.msg}


if __name__ == "__main__":
    request = json.load(sys.stdin)
    with snowflake.connector.connect(**request["connect"]) as connection:
        with connection.cursor() as cursor:
            print(json.dumps([outcome(cursor, sql) for sql in request["statements"]]))
