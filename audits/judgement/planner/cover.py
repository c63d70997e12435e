"""Which work pays most: weighted set cover over groups of VMs, each of which needs some work before it is live.

Greedy by VMs gained per minute. Patterns that share no work cannot help each other, so the best of them is one alone;
of patterns that share some (a host's writer, a full volume) every combination is tried while they are few.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

from msgspec import Struct

# Of so many patterns that share work all combinations are looked at, at most 63 a round; of more, each alone.
TRIED_EXACTLY = 6


class Group(Struct, frozen=True):
    """VMs that need the same kinds of work. `minutes` is the work that is theirs alone; `shared` names the rest."""

    key: str
    kinds: frozenset[str]
    vms: int
    minutes: int
    shared: frozenset[str] = frozenset()


class Choice(Struct, frozen=True):
    """Groups to do together. `minutes` counts only work that no earlier choice has done; `shared` is what it adds."""

    groups: tuple[Group, ...]
    vms: int
    minutes: int
    shared: frozenset[str]

    @property
    def vms_per_minute(self) -> float:
        return self.vms / self.minutes if self.minutes else float("inf")


class _Pattern(Struct, frozen=True):
    """All groups that need the same kinds of work."""

    kinds: tuple[str, ...]
    groups: tuple[Group, ...]
    vms: int
    minutes: int
    shared: frozenset[str]


def choose(groups: Iterable[Group], minutes_of_shared: Mapping[str, int]) -> list[Choice]:
    """Every group in exactly one choice, the best choice first, whatever order they come in.

    A choice relies on those before it: work that several need is done, and counted, by the first. None gains more
    VMs a minute than the one before it. Costs about the square of the number of patterns.
    """
    patterns = _patterns(groups)
    done: frozenset[str] = frozenset()
    choices: list[Choice] = []
    while patterns:
        bundle = max(
            _bundles(patterns, done),
            key=lambda bundle: _rank(bundle, _choice(bundle, done, minutes_of_shared)),
        )
        reached = done.union(*(pattern.shared for pattern in bundle))
        # What needs nothing of its own and nothing else that is shared comes for free.
        free = [pattern for pattern in patterns if not pattern.minutes and pattern.shared <= reached]
        taken = [pattern for pattern in patterns if pattern in bundle or pattern in free]
        choices.append(_choice(taken, done, minutes_of_shared))
        done = reached
        patterns = [pattern for pattern in patterns if pattern not in taken]
    return _falling(choices)


def _patterns(groups: Iterable[Group]) -> list[_Pattern]:
    by_kinds: dict[tuple[str, ...], list[Group]] = {}
    for group in groups:
        by_kinds.setdefault(tuple(sorted(group.kinds)), []).append(group)
    return [
        _Pattern(
            kinds,
            tuple(sorted(members, key=lambda group: group.key)),
            sum(group.vms for group in members),
            sum(group.minutes for group in members),
            frozenset().union(*(group.shared for group in members)),
        )
        for kinds, members in sorted(by_kinds.items())
    ]


def _bundles(patterns: list[_Pattern], done: frozenset[str]) -> Iterator[list[_Pattern]]:
    """Each pattern alone, and of those that share work still to be done, every combination while they are few."""
    for component in _components(patterns, done):
        largest = len(component) if len(component) <= TRIED_EXACTLY else 1
        for size in range(1, largest + 1):
            yield from map(list, combinations(component, size))


def _components(patterns: list[_Pattern], done: frozenset[str]) -> list[list[_Pattern]]:
    """Patterns that share work with each other, directly or through a third."""
    components: list[tuple[frozenset[str], list[_Pattern]]] = []
    for pattern in patterns:
        work, members = pattern.shared - done, [pattern]
        apart = []
        for other_work, others in components:
            if work & other_work:
                work, members = work | other_work, [*others, *members]
            else:
                apart.append((other_work, others))
        components = [*apart, (work, members)]
    return [members for _, members in components]


def _choice(patterns: list[_Pattern], done: frozenset[str], minutes_of_shared: Mapping[str, int]) -> Choice:
    shared = frozenset().union(*(pattern.shared for pattern in patterns)) - done
    return Choice(
        tuple(group for pattern in patterns for group in pattern.groups),
        sum(pattern.vms for pattern in patterns),
        sum(pattern.minutes for pattern in patterns) + sum(minutes_of_shared[name] for name in shared),
        shared,
    )


def _rank(bundle: list[_Pattern], choice: Choice) -> tuple[float, int, int, list[list[int]]]:
    """Most VMs a minute; then the fewest kinds at once, then the most VMs, then the first by name."""
    by_name = [[-ord(letter) for letter in kind] for pattern in bundle for kind in pattern.kinds]
    return choice.vms_per_minute, -len(bundle), choice.vms, by_name


def _falling(choices: list[Choice]) -> list[Choice]:
    """Neighbours put together where the later would gain more a minute: the earlier one's work is what pays there."""
    falling: list[Choice] = []
    for choice in choices:
        while falling and falling[-1].vms_per_minute < choice.vms_per_minute:
            earlier = falling.pop()
            choice = Choice(
                (*earlier.groups, *choice.groups),
                earlier.vms + choice.vms,
                earlier.minutes + choice.minutes,
                earlier.shared | choice.shared,
            )
        falling.append(choice)
    return falling
