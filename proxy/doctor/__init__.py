"""`outcrop doctor`: whether a chat can work here and now, each reason why not, and what mends it.

advice        the settings and variables, before anything is asked
network       region, endpoints, clock: asked without credentials
identity      credentials, and whose they are
permissions   each IAM action, tried
model         the account's access to one model
checks        what comes of it: lines, JSON, whether a chat works
policy        the IAM policy for what is missing
"""

from proxy.doctor.checks import Check, as_json, conclusion, line, works
from proxy.doctor.examination import Examination

__all__ = ["Check", "Examination", "as_json", "conclusion", "line", "works"]
