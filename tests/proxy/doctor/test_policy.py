"""The policy allows what was missing, and nothing else."""

from proxy.doctor.policy import GET_PROFILE, INVOKE, INVOKE_STREAM, policy


def test_nothing_is_missing() -> None:
    assert policy([], partition="aws", account="*") is None


def test_each_action_has_the_resources_that_it_knows() -> None:
    missing = ["bedrock:ListFoundationModels", GET_PROFILE, INVOKE, INVOKE_STREAM]

    written = policy(missing, partition="aws-us-gov", account="123456789012")

    profiles = [
        "arn:aws-us-gov:bedrock:*:123456789012:inference-profile/*",
        "arn:aws-us-gov:bedrock:*:123456789012:application-inference-profile/*",
    ]
    models = "arn:aws-us-gov:bedrock:*::foundation-model/*"
    assert written is not None
    assert written["Statement"] == [
        {"Effect": "Allow", "Action": [INVOKE, INVOKE_STREAM], "Resource": [models, *profiles]},
        {"Effect": "Allow", "Action": [GET_PROFILE], "Resource": profiles},
        {"Effect": "Allow", "Action": ["bedrock:ListFoundationModels"], "Resource": "*"},
    ]


def test_an_accounts_own_models_are_resources_where_they_are_listed() -> None:
    written = policy(
        [INVOKE],
        partition="aws",
        account="*",
        included=["bedrock:ListImportedModels", "bedrock:ListPromptRouters"],
    )

    assert written is not None
    assert written["Statement"][0]["Resource"][-2:] == [
        "arn:aws:bedrock:*:*:imported-model/*",
        "arn:aws:bedrock:*:*:*prompt-router/*",
    ]
