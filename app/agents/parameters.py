"""Arguments of a tool: declared as JSON schema knows them, told to the model, and checked before the tool runs.

A tool's arguments are flat: strings, numbers, yes or no. What a model gets almost right, a number in quotes, is put
right; anything else is an ArgumentsError, in words that the model can act on.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, field_validator, model_validator
from pydantic_core import SchemaError

from app.agents.toml_file import Table

Value = str | int | float | bool
Arguments = Mapping[str, Value]

_READ_BACK = "Read it back to the caller, numbers in digits, and wait for a yes before you use it."
_LENIENT = ConfigDict(coerce_numbers_to_str=True, str_strip_whitespace=True)


class ArgumentsError(Exception):
    """The model called a tool wrongly; the message is for the model."""


class Parameter(Table):
    """One argument, with the keywords of JSON schema."""

    model_config = ConfigDict(populate_by_name=True)

    type: Literal["string", "integer", "number", "boolean"] = "string"
    description: str = ""
    enum: tuple[str, ...] = ()
    pattern: str = ""
    """Found anywhere in the value, unless it has ^ and $."""
    min_length: int = Field(0, ge=0, alias="minLength")
    max_length: int = Field(500, ge=1, alias="maxLength")
    minimum: float | None = None
    maximum: float | None = None
    optional: bool = False
    read_back: bool = False
    """The tool runs only once the caller has heard the value and not denied it: read_back.py."""

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            TypeAdapter(Annotated[str, Field(pattern=pattern)])
        except SchemaError:
            raise ValueError("not a regular expression (look-around and back-references are not known)") from None
        return pattern

    @model_validator(mode="after")
    def _of_the_right_type(self) -> "Parameter":
        if self.enum and self.type != "string":
            raise ValueError(f"enum is for strings: a {self.type} would never be among them")
        if self.read_back and self.type == "boolean":
            raise ValueError("read_back is for what can be said: not for a boolean")
        return self

    @property
    def schema_of_value(self) -> dict[str, Any]:
        """For the model: only what says something."""
        description = f"{self.description} {_READ_BACK}".strip() if self.read_back else self.description
        words = {"description": description, "enum": list(self.enum), "pattern": self.pattern}
        bounds = {"minLength": self.min_length or None, "minimum": self.minimum, "maximum": self.maximum}
        return (
            {"type": self.type}
            | {key: value for key, value in words.items() if value}
            | {key: bound for key, bound in bounds.items() if bound is not None}
        )

    def check(self, value: Any) -> Value:
        """The value, of the declared type. Raises ValueError, whose message does not show the value."""
        try:
            checked: Value = self._adapter.validate_python(value)
        except ValidationError as error:
            raise ValueError(error.errors(include_url=False, include_input=False)[0]["msg"]) from None
        if self.enum and checked not in self.enum:
            raise ValueError(f"must be one of {', '.join(self.enum)}")
        return checked

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        bounds = Field(ge=self.minimum, le=self.maximum)
        match self.type:
            case "string":
                limits = Field(min_length=self.min_length, max_length=self.max_length, pattern=self.pattern or None)
                return TypeAdapter(Annotated[str, limits], config=_LENIENT)
            case "integer":
                return TypeAdapter(Annotated[int, bounds])
            case "number":
                return TypeAdapter(Annotated[float, bounds, Field(allow_inf_nan=False)])
            case "boolean":
                return TypeAdapter(bool)


Parameters = Mapping[str, Parameter]


def schema(parameters: Parameters) -> dict[str, Any]:
    """JSON schema of all arguments together."""
    return {
        "type": "object",
        "properties": {name: parameter.schema_of_value for name, parameter in parameters.items()},
        "required": [name for name, parameter in parameters.items() if not parameter.optional],
        "additionalProperties": False,
    }


def check(parameters: Parameters, arguments: Any) -> Arguments:
    """Raises ArgumentsError, which names everything that is wrong."""
    if not isinstance(arguments, dict):
        raise ArgumentsError("the arguments must be a JSON object")
    wrong = [f"there is no argument {name!r:.80}" for name in arguments if name not in parameters]
    checked: dict[str, Value] = {}
    for name, parameter in parameters.items():
        value = arguments.get(name)
        if value is None:
            if not parameter.optional:
                wrong.append(f"{name} is missing")
            continue
        try:
            checked[name] = parameter.check(value)
        except ValueError as error:
            wrong.append(f"{name}: {error}")
    if wrong:
        raise ArgumentsError("; ".join(wrong))
    return checked
