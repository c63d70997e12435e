"""Which work pays most: the choices, their order, and what counts once."""

import random
from itertools import chain, combinations

from hypothesis import given
from hypothesis import strategies as st

from audits.judgement.planner.cover import Choice, Group, choose


def a_group(key: str, kinds: str, vms: int, minutes: int, *shared: str) -> Group:
    return Group(key, frozenset(kinds.split()), vms, minutes, frozenset(shared))


def told(choices: list[Choice]) -> tuple[list[str], list[tuple[int, int]]]:
    """The groups of each choice, then its VMs and minutes."""
    groups = ["+".join(group.key for group in choice.groups) for choice in choices]
    return groups, [(choice.vms, choice.minutes) for choice in choices]


def test_more_vms_a_minute_come_first() -> None:
    slow, quick = a_group("slow", "A", 10, 100), a_group("quick", "B", 2, 4)
    assert told(choose([slow, quick], {})) == (["quick", "slow"], [(2, 4), (10, 100)])


def test_groups_of_the_same_kinds_are_one_choice_wherever_they_are() -> None:
    groups = [a_group("host1", "A", 1, 2), a_group("host2", "A", 3, 6), a_group("host3", "B", 1, 60)]
    assert told(choose(groups, {})) == (["host1+host2", "host3"], [(4, 8), (1, 60)])


def test_shared_work_is_counted_by_the_first_that_needs_it() -> None:
    alone, also = a_group("alone", "W", 8, 0, "writer"), a_group("also", "W A", 1, 20, "writer")
    assert told(choose([also, alone], {"writer": 10})) == (["alone", "also"], [(8, 10), (1, 20)])


def test_work_that_pays_only_together_is_suggested_together() -> None:
    one, two = a_group("one", "W A", 1, 2, "writer"), a_group("two", "W B", 1, 2, "writer")
    assert told(choose([one, two], {"writer": 60})) == (["one+two"], [(2, 64)])


def test_what_needs_nothing_else_comes_along_for_free() -> None:
    free = a_group("free", "W V", 1, 0, "writer", "volume")
    costly = a_group("costly", "W V A", 50, 5, "writer", "volume")
    assert told(choose([free, costly], {"writer": 10, "volume": 60})) == (["costly+free"], [(51, 75)])


def test_nothing_to_do_gives_no_choice() -> None:
    assert choose([], {}) == []


NAMES = ("w", "x", "y")
MINUTES = {"w": 10, "x": 60, "y": 5}


@st.composite
def many_groups(draw: st.DrawFn) -> list[Group]:
    return [
        Group(
            str(place),
            frozenset(draw(st.sets(st.sampled_from("ABC"), max_size=2))) | shared,
            draw(st.integers(1, 9)),
            draw(st.integers(0 if shared else 1, 40)),
            shared,
        )
        for place, shared in enumerate(draw(st.lists(st.frozensets(st.sampled_from(NAMES), max_size=2), max_size=8)))
    ]


@given(many_groups(), st.randoms(use_true_random=False))
def test_every_group_is_chosen_once_whatever_the_order(groups: list[Group], order: random.Random) -> None:
    choices = choose(groups, MINUTES)
    assert sorted(group.key for choice in choices for group in choice.groups) == sorted(each.key for each in groups)
    shuffled = list(groups)
    order.shuffle(shuffled)
    assert choose(shuffled, MINUTES) == choices


@given(many_groups())
def test_gains_fall_and_all_work_is_counted_once(groups: list[Group]) -> None:
    choices = choose(groups, MINUTES)
    gains = [choice.vms_per_minute for choice in choices]
    assert gains == sorted(gains, reverse=True)
    needed = frozenset(chain.from_iterable(group.shared for group in groups))
    assert sum(choice.minutes for choice in choices) == sum(group.minutes for group in groups) + sum(
        MINUTES[name] for name in needed
    )


@given(many_groups())
def test_no_set_of_patterns_gains_more_a_minute_than_the_first_choice(groups: list[Group]) -> None:
    if not groups:
        return
    patterns = {group.kinds for group in groups}
    first = choose(groups, MINUTES)[0]
    for size in range(1, len(patterns) + 1):
        for some in combinations(sorted(patterns, key=sorted), size):
            members = [group for group in groups if group.kinds in some]
            shared = frozenset[str]().union(*(group.shared for group in members))
            minutes = sum(group.minutes for group in members) + sum(MINUTES[name] for name in shared)
            vms = sum(group.vms for group in members)
            assert minutes == 0 or first.vms_per_minute >= vms / minutes - 1e-9
