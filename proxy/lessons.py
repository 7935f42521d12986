"""What refusals have taught about each model: bounded, and forgotten after a day, because models change."""

import time
from collections import OrderedDict
from collections.abc import Callable

from translators.chat import Plan, repair
from translators.errors import BadRequestError

MODELS = 1024
SECONDS = 24 * 3600.0


class Lessons:
    """One refusal is enough: the next request of that model is right at once."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # model id -> lesson -> when it is forgotten
        self._learned: OrderedDict[str, dict[repair.Lesson, float]] = OrderedDict()

    def apply(self, asked: Plan) -> Plan:
        learned = self._learned.get(asked.model_id)
        if not learned:
            return asked
        now = self._clock()
        return repair.apply([lesson for lesson, until in learned.items() if now < until], asked)

    def learn(self, refusal: BadRequestError, asked: Plan) -> Plan | None:
        """The plan as it may succeed, or None where the refusal is the user's to mend."""
        lesson = repair.learn(refusal, asked)
        if lesson is None:
            return None
        self._learned.setdefault(asked.model_id, {})[lesson] = self._clock() + SECONDS
        self._learned.move_to_end(asked.model_id)
        while len(self._learned) > MODELS:
            self._learned.popitem(last=False)
        return repair.apply([lesson], asked)
