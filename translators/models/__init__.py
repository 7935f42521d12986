"""The models: what Bedrock lists, as OpenAI's list of models, and which of them a request means.

listings       what the control plane tells of a region
facts          what is known of models without asking; what users say of theirs
known          listings + facts -> what can be invoked, by id, by model, by short name
model_list     GET /v1/models
model_entry    GET /v1/models/{model}, by any name
resolve        the `model` of a request -> the id to invoke, and the model that is behind it
near_matches   what an id that Bedrock does not know may have meant
"""

from translators.models.entries import model_entry, model_list
from translators.models.facts import CrossRegion, Facts, Include, ModelSettings, Policy
from translators.models.known import Known, known
from translators.models.listings import (
    CustomModelDeployment,
    FoundationModel,
    ImportedModel,
    InferenceProfile,
    PromptRouter,
    ProvisionedModel,
    RegionListing,
    base_model_id,
)
from translators.models.near import near_matches, suggesting
from translators.models.resolution import Resolved, resolve

__all__ = [
    "CrossRegion",
    "CustomModelDeployment",
    "Facts",
    "FoundationModel",
    "ImportedModel",
    "Include",
    "InferenceProfile",
    "Known",
    "ModelSettings",
    "Policy",
    "PromptRouter",
    "ProvisionedModel",
    "RegionListing",
    "Resolved",
    "base_model_id",
    "known",
    "model_entry",
    "model_list",
    "near_matches",
    "resolve",
    "suggesting",
]
