"""ABX tests: the statistics are those of a fair coin, and the order can be had again."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.checks import InputError
from engine.listening.abx import AbxResult, Trial, p_text, sequence


def result(right, n):
    trials = tuple(Trial("A", "A" if i < right else "B") for i in range(n))
    return AbxResult("original", "adversarial", trials, 3, (1.0, 4.0))


@pytest.mark.parametrize(("right", "n", "p"), [(10, 10, 1 / 1024), (9, 10, 11 / 1024), (8, 10, 56 / 1024),
                                               (5, 10, 638 / 1024), (0, 10, 1.0), (1, 1, 0.5)])
def test_p_values_are_those_of_a_fair_coin(right, n, p):
    assert result(right, n).p_value == pytest.approx(p, rel=1e-12)


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_p_is_the_upper_tail(case):
    right, n = case
    found = result(right, n)
    assert found.right == right
    assert found.p_value == pytest.approx(sum(comb(n, k) for k in range(right, n + 1)) / 2**n, rel=1e-9)


@pytest.mark.parametrize(("right", "n", "words"), [
    (9, 10, "9 of 10 right, p = 0.011: original and adversarial were told apart"),
    (10, 10, "10 of 10 right, p < 0.001: original and adversarial were told apart"),
    (8, 10, "8 of 10 right, p = 0.055: guessing explains it, no difference was shown"),
    (4, 4, "4 of 4 right, p = 0.062: so few trials can show nothing; take at least 5")])
def test_it_is_said_in_words(right, n, words):
    assert result(right, n).words() == words


def test_p_is_never_rounded_away():
    assert (p_text(1e-9), p_text(1.0), p_text(0.99)) == ("< 0.001", "= 1", "= 0.990")


def test_the_order_is_that_of_its_seed_and_even():
    assert sequence(20, seed=4) == sequence(20, seed=4)
    assert len({sequence(20, seed=seed) for seed in range(20)}) == 20
    drawn = [x for seed in range(200) for x in sequence(10, seed=seed)]
    assert set(drawn) == {"A", "B"}
    assert 900 < drawn.count("A") < 1100


def test_json_has_every_trial():
    found = result(1, 2).as_json()
    assert (found["x_was"], found["answers"]) == ("AA", "AB")
    assert (found["right"], found["trials"], found["p_value"]) == (1, 2, 0.75)
    assert (found["passage_start"], found["passage_stop"]) == (1.0, 4.0)


@pytest.mark.parametrize("make", [lambda: sequence(0, seed=0), lambda: sequence(101, seed=0),
                                  lambda: AbxResult("a", "b", (), 0, (0, 1)), lambda: Trial("C", "A"),
                                  lambda: Trial("A", "")])
def test_what_is_no_test_is_refused(make):
    with pytest.raises(InputError):
        make()
