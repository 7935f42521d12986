"""Bedrock's ids and ARNs of models: what one tells by itself, without asking anybody.

    maker.model-v1:0                                                     a foundation model
    eu.maker.model-v1:0                                                  it, through a geography's profile
    arn:aws:bedrock:eu-west-1::foundation-model/maker.model-v1:0
    arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.maker.model-v1:0
    arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/1arbu5hu2sjr

The last does not tell its model.
https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
"""

import re
from typing import NamedTuple

GEOGRAPHY = re.compile(r"^(us-gov|us|eu|apac|jp|au|ca|in|global)\.")

# Of a foundation model or a profile: makers are named in small letters and digits.
MODEL_ID = re.compile(r"(?:us-gov\.)?[a-z][a-z0-9]*\.[a-z0-9][\w.:-]*", re.ASCII)

ARN = re.compile(
    r"arn:aws[a-z-]*:(?:bedrock|sagemaker):(?P<region>[a-z]{2}(?:-[a-z]+){1,3}-\d{1,2})?:(?:\d{12})?:"
    r"(?P<kind>[a-z-]+)/(?P<resource>[\w.:/-]+)",
    re.ASCII,
)

# Which geographies' profiles a region may call, the narrower first: of sourceRegions in AWS's listings.
GEOGRAPHIES = (
    ("us-gov-", ("us-gov",)),
    ("us-", ("us",)),
    ("ca-", ("ca", "us")),
    ("eu-", ("eu",)),
    ("ap-northeast-1", ("jp", "apac")),
    ("ap-northeast-3", ("jp", "apac")),
    ("ap-southeast-2", ("au", "apac")),
    ("ap-southeast-4", ("au", "apac")),
    ("ap-south-", ("in", "apac")),
    ("ap-", ("apac",)),
)


class Arn(NamedTuple):
    region: str
    """Empty where it names none."""
    kind: str
    resource: str


def parse_arn(text: str) -> Arn | None:
    if found := ARN.fullmatch(text):
        return Arn(found["region"] or "", found["kind"], found["resource"])
    return None


def named_region(model_id: str) -> str:
    """The region of an ARN; empty where there is none."""
    arn = parse_arn(model_id)
    return arn.region if arn else ""


def is_model_id(text: str) -> bool:
    """
    >>> is_model_id("maker.model-v1:0"), is_model_id("eu.maker.model"), is_model_id("model-v1")
    (True, True, False)
    """
    return is_arn(text) or MODEL_ID.fullmatch(text) is not None


def is_arn(text: str) -> bool:
    """One that Bedrock may know, even where we cannot read it."""
    return text.startswith("arn:")


def split_geography(model_id: str) -> tuple[str, str]:
    """
    >>> split_geography("eu.maker.model-v1:0")
    ('eu', 'maker.model-v1:0')
    >>> split_geography("maker.model-v1:0")
    ('', 'maker.model-v1:0')
    """
    if found := GEOGRAPHY.match(model_id):
        return found[1], model_id[found.end() :]
    return "", model_id


def named_model(model_id: str) -> str:
    """The foundation model that an id or ARN names; empty where it is one that names none.

    >>> named_model("arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.maker.model-v1:0")
    'maker.model-v1:0'
    >>> named_model("arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/1arbu5hu2sjr")
    ''
    """
    if not is_arn(model_id):
        return split_geography(model_id)[1]
    arn = parse_arn(model_id)
    if arn is None or arn.kind not in ("foundation-model", "inference-profile"):
        return ""
    return split_geography(arn.resource)[1]


def is_application_profile(model_id: str) -> bool:
    """Whether this is the ARN of a profile that users made themselves."""
    arn = parse_arn(model_id)
    return arn is not None and arn.kind == "application-inference-profile"


def geographies(region: str) -> tuple[str, ...]:
    """
    >>> geographies("ap-northeast-1")
    ('jp', 'apac')
    >>> geographies("sa-east-1")
    ()
    """
    return next((found for start, found in GEOGRAPHIES if region.startswith(start)), ())
