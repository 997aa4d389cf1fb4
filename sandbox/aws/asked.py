"""Writes down what the emulator decided on: each action by whom on what, once, as a line of JSON in the file that ASKED names."""

import json
import os

from ministack.core import iam_evaluator as evaluator
from strict import app

__all__ = ["app"]

_enforce = evaluator.enforce
_known = set()


def enforce(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
    denied = _enforce(access_key_id, iam_action, service, region, resource_arn, service_context)
    # Objects are many, and their bucket says what a policy is about.
    bucket, _, key = resource_arn.partition("/") if service == "s3" else (resource_arn, "", "")
    asked = (access_key_id, iam_action, f"{bucket}/*" if key else resource_arn, denied is None)
    if asked not in _known and "ASKED" in os.environ:
        _known.add(asked)
        with open(os.environ["ASKED"], "a", encoding="utf-8") as file:
            file.write(json.dumps(dict(zip(("key", "action", "resource", "allowed"), asked))) + "\n")
    return denied


evaluator.enforce = enforce
