"""What helps against a denial is in IAM's words: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"""

import pytest

from proxy.doctor.permissions import cure

WHO = (
    "User: arn:aws:iam::123456789012:user/me is not authorized to perform: bedrock:InvokeModel on resource: x"
)

DENIALS = [
    (
        f"{WHO} because no identity-based policy allows the bedrock:InvokeModel action",
        "Attach the policy",
        True,
    ),
    (f"{WHO} because no service control policy allows the bedrock:InvokeModel action", "of that kind", False),
    (f"{WHO} because no permissions boundary allows the bedrock:InvokeModel action", "of that kind", False),
    (f"{WHO} with an explicit deny in a service control policy", "no other can allow it", False),
    ("You don't have access to the model with the specified model ID.", "Open the model", False),
    ("Bedrock gave no reason.", "Attach the policy", True),
]


@pytest.mark.parametrize(("words", "remedy", "by_policy"), DENIALS)
def test_what_helps(words: str, remedy: str, by_policy: bool) -> None:
    told, mended = cure(words)

    assert remedy in told
    assert mended is by_policy
