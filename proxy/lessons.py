"""What refusals have taught about each model: bounded, and forgotten after a day, because models change."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from proxy.threads import aside
from proxy.wanted import Wanted
from translators.chat import Plan, repair
from translators.departures import Quirks, departures
from translators.errors import APIError
from translators.quirks import quirks_for

MODELS = 1024
SECONDS = 24 * 3600.0


class Lesson(NamedTuple):
    value: Any
    """Of one of Quirks' fields."""
    until: float


class Lessons:
    """One refusal is enough: the next request of that model is right at once."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # model id -> field of Quirks -> what was learnt
        self._learned: OrderedDict[str, dict[str, Lesson]] = OrderedDict()

    def quirks(self, model_id: str, base_model: str = "") -> Quirks:
        """What is known of a model, by its `base_model` where its id does not tell, and what was learnt."""
        known = quirks_for(base_model or model_id)
        if model_id not in self._learned:
            return known
        return replace(known, **self._remembered(model_id))

    async def learn(self, refusal: APIError, asked: Plan, body: Wanted) -> Plan | None:
        """The plan of that body as it may succeed, or None where the refusal is the user's to mend."""

        def learnt() -> Plan | None:
            return repair.learn(refusal, asked, body.read(), body.cuts)

        again = await aside(body.much, learnt) if repair.may_teach(refusal) else None
        if again is None:
            return None
        until = self._clock() + SECONDS
        lessons = {field: Lesson(value, until) for field, value in departures(again.quirks, asked.quirks)}
        self._learned.setdefault(asked.model_id, {}).update(lessons)
        self._learned.move_to_end(asked.model_id)
        while len(self._learned) > MODELS:
            self._learned.popitem(last=False)
        return again

    def _remembered(self, model_id: str) -> dict[str, Any]:
        now = self._clock()
        lessons = {field: each for field, each in self._learned[model_id].items() if now < each.until}
        if lessons:
            self._learned[model_id] = lessons
        else:
            del self._learned[model_id]
        return {field: lesson.value for field, lesson in lessons.items()}
