"""MiniStack, made as strict as AWS where the stack relies on what it is milder about. asked.py serves it."""

import contextvars
import dataclasses
import hashlib
import json
import re

from ministack.app import app
from ministack.core import iam_actions
from ministack.core import iam_evaluator as evaluator
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import iam, kms, s3

__all__ = ["app"]

ENTITY = re.compile(r"arn:aws:iam::(\d{12}):(user|role)/(?:.*/)?([^/]+)")
SESSION = re.compile(r"arn:aws:sts::(\d{12}):assumed-role/([^/]+)/.+")
ACCOUNT = re.compile(r"(?:arn:aws:iam::)?(\d{12})(?::root)?")
UNIQUE_ID = re.compile(r"A(?:ID|RO)A[A-Z0-9]+")


def entity(arn):
    """The user or role of this ARN, its path included, or None."""
    found = ENTITY.fullmatch(arn)
    if not found:
        return None
    account, kind, name = found.groups()
    record = (iam._users if kind == "user" else iam._roles).get_scoped(account, None, name)
    return record if record and record["Arn"] == arn else None


def role_of(arn):
    """The ARN of a session's role, or the ARN itself."""
    found = SESSION.fullmatch(arn)
    if not found:
        return arn
    account, name = found.groups()
    record = iam._roles.get_scoped(account, None, name)
    return record["Arn"] if record else f"arn:aws:iam::{account}:role/{name}"


# A simulation is told what a request would say, and names the keys that policies ask for and nobody told (IAM API Reference,
# SimulatePrincipalPolicy: ContextEntries; EvaluationResult: MissingContextValues). MiniStack simulates without, and takes
# region, address and transport of the request that asks. Not verified: whether keys of statements that decide nothing are named.
simulated = contextvars.ContextVar("simulated", default=None)
missing = contextvars.ContextVar("missing")


def simulate_principal_policy(params, _simulate=iam._simulate_principal_policy):
    told = {}
    for name in params:
        entry = re.fullmatch(r"(ContextEntries\.member\.\d+)\.ContextKeyName", name)
        if entry:
            told[iam._p(params, name).lower()] = iam._p(params, f"{entry.group(1)}.ContextKeyValues.member.1")
    token = simulated.set(told)
    try:
        return _simulate(params)
    finally:
        simulated.reset(token)


iam._IAM_HANDLERS["SimulatePrincipalPolicy"] = simulate_principal_policy


def simulate_results(actions, *more, _results=iam._build_simulate_results_real):
    results = ""
    for action in actions:
        missing.set(set())
        result = _results([action], *more)
        named = "".join(f"<member>{key}</member>" for key in sorted(missing.get()))
        results += result.replace("<MissingContextValues>", f"<MissingContextValues>{named}")
    return results


iam._build_simulate_results_real = simulate_results

# aws:PrincipalArn of a role's session is the ARN of the role, with its path (IAM User Guide, AWS global condition context
# keys); MiniStack takes the session's.
_resolve_condition_key = evaluator._resolve_condition_key


def resolve_condition_key(key, ctx):
    name = key.lower()
    told = simulated.get()
    if told is None or name.startswith(("aws:principal", "aws:user")):
        value = _resolve_condition_key(key, ctx)
    else:
        value = told.get(name)
        if value is None:
            missing.get().add(key)
    return role_of(value) if name == "aws:principalarn" and isinstance(value, str) else value


evaluator._resolve_condition_key = resolve_condition_key

# iam:PermissionsBoundary is the boundary that a request asks for (Service Authorization Reference, IAM: condition keys);
# MiniStack does not know the key, so that no policy with it allows anything.
_request_tag_context = iam_actions.request_tag_context


def request_context(service, iam_action, body, params):
    context = _request_tag_context(service, iam_action, body, params)
    boundary = params.get("PermissionsBoundary") if service == "iam" else None
    if boundary:
        context["iam:permissionsboundary"] = boundary[0] if isinstance(boundary, list) else boundary
    return context


iam_actions.request_tag_context = request_context

# The ARN of a role that a policy has to name holds the role's path (IAM User Guide, IAM identifiers); MiniStack leaves it out.
# Of a name that no role has, only the request that makes one says where.
_extract_resource_arn = iam_actions.extract_resource_arn


def extract_resource_arn(service, method, path, headers, body, params, region, account):
    arn = _extract_resource_arn(service, method, path, headers, body, params, region, account)
    # Who names a key by an alias asks for the key (KMS Developer Guide, Use aliases to control access to KMS keys).
    if service == "kms" and ":alias/" in arn:
        key = kms._aliases.get_scoped(account, region, arn)
        return f"arn:aws:kms:{region}:{account}:key/{key}" if key else arn
    if service != "iam" or not arn.startswith(f"arn:aws:iam::{account}:role/"):
        return arn
    name = arn.rpartition("/")[2]
    role = iam._roles.get_scoped(account, None, name)
    return f"arn:aws:iam::{account}:role{role['Path'] if role else iam._p(params, 'Path') or '/'}{name}"


iam_actions.extract_resource_arn = extract_resource_arn

# A bucket's policy decides about callers of other accounts by who they are; MiniStack takes each for its whole account.
_evaluate_resource_policy = evaluator.evaluate_resource_policy


def caller(access_key):
    """Whose access key it is: (ARN, kind, account), or None for one that is an account's root here."""
    from ministack.core.responses import _account_from_sts_session

    account = _account_from_sts_session(access_key) or evaluator.find_iam_access_key_account(access_key)
    if account is None:
        return None
    credential = evaluator.resolve_credential(access_key, account)
    if isinstance(credential, evaluator.CredentialResolutionError):
        return None
    return credential.principal_arn, credential.principal_type, credential.account_id


asking = contextvars.ContextVar("asking", default=None)
_foreign_bucket_allows = s3._foreign_bucket_allows


def foreign_bucket_allows(owner, bucket, key, method, query_params, account, headers=None):
    access_key = s3.extract_access_key_id(headers or {}, query_params)
    token = asking.set(caller(access_key) if access_key and account else None)
    try:
        return _foreign_bucket_allows(owner, bucket, key, method, query_params, account, headers)
    finally:
        asking.reset(token)


def evaluate_resource_policy(doc, ctx, *args, **kwargs):
    found = asking.get()
    if found is not None and ctx.principal_type == "Root" and found[2] == ctx.principal_account:
        arn, kind, account = found
        ctx = dataclasses.replace(ctx, principal_arn=arn, principal_type=kind, principal_account=account)
    return _evaluate_resource_policy(doc, ctx, *args, **kwargs)


s3._foreign_bucket_allows = foreign_bucket_allows
evaluator.evaluate_resource_policy = evaluate_resource_policy

# S3 refuses a bucket policy that names an account, user or role that does not exist; one that is deleted later turns into
# its unique ID, and then makes the next put fail (IAM User Guide, AWS JSON policy elements: Principal). A user or role that
# was made anew under its old name is another one there; here it is the same.
_put_bucket_policy = s3._put_bucket_policy
_get_bucket_policy = s3._get_bucket_policy


def exists(principal):
    account = ACCOUNT.fullmatch(principal)
    if account:
        owners = {owner for table in (iam._users, iam._roles) for owner, _ in list(table.to_dict())}
        return account.group(1) in owners
    if UNIQUE_ID.fullmatch(principal):
        records = [*iam._users.to_dict().values(), *iam._roles.to_dict().values()]
        return any(principal in (record.get("UserId"), record.get("RoleId")) for record in records)
    return principal == "*" or entity(role_of(principal)) is not None


def principals(policy):
    """Each list of AWS principals of a policy, as (element that holds it, list)."""
    statements = policy.get("Statement", [])
    for statement in [statements] if isinstance(statements, dict) else statements:
        for name in ("Principal", "NotPrincipal"):
            holder = statement.get(name)
            if isinstance(holder, dict) and "AWS" in holder:
                yield holder, [holder["AWS"]] if isinstance(holder["AWS"], str) else holder["AWS"]


def put_bucket_policy(name, body):
    try:
        named = [arn for _, arns in principals(json.loads(body)) for arn in arns]
    except (ValueError, AttributeError, TypeError):
        return s3._error("MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'", 400, f"/{name}")
    missing = next((arn for arn in named if not exists(arn)), None)
    if missing is not None:
        detail = {"Detail": f'"{missing}"'}
        return s3._error("MalformedPolicy", "Invalid principal in policy", 400, f"/{name}", extra=detail)
    return _put_bucket_policy(name, body)


def get_bucket_policy(name):
    status, headers, body = _get_bucket_policy(name)
    if status != 200:
        return status, headers, body
    policy = json.loads(body)
    for holder, arns in principals(policy):
        told = [shown(arn) for arn in arns]
        holder["AWS"] = told[0] if len(told) == 1 else told
    return status, headers, json.dumps(policy, separators=(",", ":")).encode()


def shown(arn):
    """A principal as S3 hands it back: accounts by their root's ARN, who is gone by an ID."""
    if re.fullmatch(r"\d{12}", arn):
        return f"arn:aws:iam::{arn}:root"
    found = ENTITY.fullmatch(arn)
    if not found or entity(arn):
        return arn
    prefix = "AIDA" if found.group(2) == "user" else "AROA"
    return prefix + hashlib.sha256(arn.encode()).hexdigest()[:17].upper()


s3._put_bucket_policy = put_bucket_policy
s3._get_bucket_policy = get_bucket_policy

# Who reads an object that is encrypted with a key of KMS needs kms:Decrypt, in a policy of theirs and by the key's own
# (Amazon S3 User Guide, Using server-side encryption with AWS KMS keys); MiniStack asks for s3:GetObject alone.
_get_object = s3._get_object


def get_object(bucket_name, key, headers, query_params=None):
    response = _get_object(bucket_name, key, headers, query_params)
    key_arn = response[1].get("x-amz-server-side-encryption-aws-kms-key-id")
    if response[0] not in (200, 206) or not key_arn:
        return response
    if not key_arn.startswith("arn:"):
        key_arn = f"arn:aws:kms:{get_region()}:{get_account_id()}:key/{key_arn}"
    refusal = decrypt_refusal(key_arn, s3.extract_access_key_id(headers, query_params or {}) or "")
    return response if refusal is None else s3._error("AccessDenied", refusal, 403, f"/{bucket_name}/{key}")


def decrypt_refusal(key_arn, access_key):
    """What S3 says to a caller who may not decrypt with the key, or None."""
    found = caller(access_key)
    if found is None:
        return None
    arn, _, account = found
    context = {"kms:viaservice": f"s3.{get_region()}.amazonaws.com"}
    with request_scope(key_arn.split(":")[4], get_region()):
        policy = evaluator._resource_policy("kms", key_arn)
    with request_scope(account, get_region()):
        who = evaluator.resolve_principal(access_key, account)
    ctx = evaluator.EvalContext(
        principal_arn=arn,
        principal_type=who.type,
        principal_account=account,
        action="kms:Decrypt",
        resource_arn=key_arn,
        region=get_region(),
        service_context=context,
        principal_keys=who.keys,
    )
    result = evaluator.evaluate(ctx, who.policies, *who.limits)
    if policy is not None:
        result = evaluator.combine_resource_policy(result, ctx, *policy, required=True, limits=who.limits)
    if result.decision == "Allow" and policy is not None:
        return None
    return (
        f"User: {arn} is not authorized to perform: kms:Decrypt on resource: {key_arn} "
        "because no policy of theirs or of the key allows the kms:Decrypt action"
    )


s3._get_object = get_object
