"""Arguments of tools: what the model is told, and what is let through."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.agents.parameters import ArgumentsError, Parameter, check, schema

PARAMETERS = {
    "customer": Parameter(description="The customer number.", pattern=r"^\d{4,6}$"),
    "hours": Parameter(type="integer", minimum=0, maximum=240, optional=True),
    "load": Parameter(type="number", optional=True),
    "urgent": Parameter(type="boolean", optional=True),
    "office": Parameter(enum=("Mysuru", "Mandya"), optional=True),
}


def test_the_schema_says_what_is_declared() -> None:
    assert schema(PARAMETERS) == {
        "type": "object",
        "properties": {
            "customer": {"type": "string", "description": "The customer number.", "pattern": r"^\d{4,6}$"},
            "hours": {"type": "integer", "minimum": 0, "maximum": 240},
            "load": {"type": "number"},
            "urgent": {"type": "boolean"},
            "office": {"type": "string", "enum": ["Mysuru", "Mandya"]},
        },
        "required": ["customer"],
        "additionalProperties": False,
    }


def test_what_is_almost_right_is_put_right() -> None:
    given = {"customer": 4521, "hours": "12", "load": "2.5", "urgent": "true", "office": " Mysuru "}
    assert check(PARAMETERS, given) == {
        "customer": "4521",
        "hours": 12,
        "load": 2.5,
        "urgent": True,
        "office": "Mysuru",
    }


def test_what_is_left_out_or_null() -> None:
    assert check(PARAMETERS, {"customer": "4521", "hours": None}) == {"customer": "4521"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "customer is missing"),
        ({"customer": None}, "customer is missing"),
        ({"customer": "12"}, "customer: String should match pattern"),
        ({"customer": {"a": 1}}, "customer: Input should be a valid string"),
        ({"customer": "x" * 501}, "customer: String should have at most 500"),
        ({"customer": "4521", "hours": 241}, "hours: Input should be less than or equal to 240"),
        ({"customer": "4521", "hours": 1.5}, "hours: Input should be a valid integer"),
        ({"customer": "4521", "load": float("nan")}, "load: Input should be a finite number"),
        ({"customer": "4521", "urgent": "perhaps"}, "urgent: Input should be a valid boolean"),
        ({"customer": "4521", "office": "Pune"}, "office: must be one of Mysuru, Mandya"),
        ({"customer": "4521", "colour": "red"}, "there is no argument 'colour'"),
        ([], "the arguments must be a JSON object"),
    ],
)
def test_what_is_wrong_is_named(given: Any, told: str) -> None:
    with pytest.raises(ArgumentsError) as raised:
        check(PARAMETERS, given)
    assert str(raised.value).startswith(told)


def test_everything_wrong_is_named_at_once() -> None:
    with pytest.raises(ArgumentsError, match=r"^there is no argument 'a'; customer is missing; hours: .*$"):
        check(PARAMETERS, {"a": 1, "hours": "many"})


@pytest.mark.parametrize("pattern", ["(", "(?=a)", r"(a)\1"])
def test_a_pattern_that_cannot_be_used(pattern: str) -> None:
    with pytest.raises(ValidationError, match="not a regular expression"):
        Parameter(pattern=pattern)


def test_a_pattern_takes_no_time_whatever_it_meets() -> None:
    """This one takes a backtracking matcher for ever."""
    with pytest.raises(ArgumentsError):
        check({"x": Parameter(pattern="^(a+)+$")}, {"x": "a" * 400 + "!"})
