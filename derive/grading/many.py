"""Many answers: what the store knows is taken from it, what is asked twice judged once, the rest goes to workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from derive.grading.grade import Asked
from derive.grading.limits import Limits
from derive.grading.store import Store
from derive.grading.work import Outcome, Task

Judged = Callable[[Sequence[Task], Limits], Iterator[tuple[Task, Outcome]]]  # by local workers, or by a cluster


class Judging:
    """A `Judge` with a store and workers. `told` hears how many are done of how many."""

    def __init__(
        self,
        store: Store,
        limits: Limits,
        judged: Judged,
        told: Callable[[int, int], None] = lambda count, total: None,
    ) -> None:
        self.store, self.limits, self.told, self.judged = store, limits, told, judged
        self.fresh = 0  # judged in this run

    def __call__(self, asked: Sequence[Asked]) -> Mapping[Task, Outcome]:
        sheets: dict[Task, tuple[str, list[str]]] = {}
        for version, sheet, task in asked:
            sheets.setdefault(task, (version, []))[1].append(sheet)
        if not sheets:
            return {}
        outcomes: dict[Task, Outcome] = {}
        for task, (version, _) in sheets.items():
            known = self.store.find(version, task, self.limits)
            if known is not None:
                outcomes[task] = known
        self.store.belongs([(sheets[task][0], sheet, task) for task in outcomes for sheet in sheets[task][1]])
        self.told(len(outcomes), len(sheets))
        left = [task for task in sheets if task not in outcomes]
        left.sort(key=lambda task: (task.problem, task.given, task.text))  # what a worker works out serves the next one
        for task, outcome in self.judged(left, self.limits):
            version, asking = sheets[task]
            self.store.add(version, task, outcome, asking, self.limits)
            outcomes[task] = outcome
            self.fresh += 1
            self.told(len(outcomes), len(sheets))
        return outcomes
