"""
Settings from everywhere they can come: what the caller gives, the environment, a configuration file, in this order.

A setting that is none, or cannot be what it says, is told with its place and never with its value, which may be a
secret.
"""

import os
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource

from trevo.config.config_file import ConfigFault, ConfigFile, Place, read_config
from trevo.config.settings import Settings

CONFIG_VARIABLE = "ROUTER_CONFIG"
"""Names the file where the command line does not."""
PREFIX = Settings.model_config.get("env_prefix", "")
DELIMITER = Settings.model_config.get("env_nested_delimiter") or "__"


def load_settings(config: Path | None = None, **given: Any) -> Settings:
    """
    The settings *given*; else those of the environment; else those of the file *config*, or of `ROUTER_CONFIG`.

    Raises ConfigFault for whatever cannot be used, all of it at once, and OSError.
    """
    named = config or os.environ.get(CONFIG_VARIABLE)
    file = read_config(Path(named), os.environ) if named else ConfigFile(Path())

    class Configured(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            del dotenv_settings, file_secret_settings  # there are none
            return init_settings, env_settings, InitSettingsSource(settings_cls, init_kwargs=file.values)

    try:
        return Configured(**given)
    except ValidationError as error:
        faults = [_describe(fault, file) for fault in error.errors(include_input=False, include_url=False)]
        raise ConfigFault("\n".join(dict.fromkeys(faults))) from None


def _describe(fault: ErrorDetails, file: ConfigFile) -> str:
    place: Place = fault["loc"]
    if fault["type"] == "extra_forbidden":
        near = nearest(place)
        what = "there is no such setting" + (f"; did you mean '{near}'?" if near else "")
    else:
        what = fault["msg"].removeprefix("Value error, ")
    return f"{_where(place, file)}{'.'.join(map(str, place))}: {what}"


def _where(place: Place, file: ConfigFile) -> str:
    """Who said so: a variable, for it wins over the file, or a line of the file."""
    # A variable that is no setting is read by nobody; only the file can have said that one.
    variables = {name.upper() for name in os.environ} if place[:1] and place[0] in Settings.model_fields else set()
    for end in range(len(place), 0, -1):
        variable = PREFIX + DELIMITER.join(map(str, place[:end])).upper()
        if variable in variables:
            return f"{variable}: "
    line = file.line_of(place)
    return "" if line is None else f"{file.path}, line {line}: "


def nearest(place: Place) -> str | None:
    """The setting that was probably meant by *place*: one of the same group, or of the same name in another."""
    *around, last = place
    group = group_at(Settings, tuple(around))
    close = get_close_matches(str(last), group.model_fields if group else (), n=1)
    if close:
        return ".".join(map(str, (*around, close[0])))
    everywhere = {path.rpartition(".")[2]: path for path in _paths(Settings, "")}
    close = get_close_matches(str(last), everywhere, n=1, cutoff=0.8)
    return everywhere[close[0]] if close else None


def group_at(model: type[BaseModel], place: Place) -> type[BaseModel] | None:
    """The group of settings at *place* in *model*; None where there is none."""
    annotation: object = model
    for part in place:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            field = annotation.model_fields.get(str(part))
            if field is None:
                return None
            annotation = _named(field.annotation)
        else:  # an item of a list, a value of a map
            items = [choice for choice in map(_named, get_args(annotation)) if choice not in (str, Ellipsis)]
            annotation = items[-1] if items else None
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _named(annotation: object) -> object:
    """What *annotation* is apart from None and from its bounds."""
    if get_origin(annotation) in (Union, UnionType):
        return next((choice for choice in get_args(annotation) if choice is not type(None)), None)
    return get_args(annotation)[0] if hasattr(annotation, "__metadata__") else annotation


def _paths(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        annotation = _named(field.annotation)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from _paths(annotation, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def unknown_variables(environment: Mapping[str, str]) -> Iterator[str]:
    """What in *environment* looks like a setting and is none, with the nearest one. Nobody else would tell."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {CONFIG_VARIABLE}
    for variable in sorted(environment):
        if variable.startswith(PREFIX) and variable.upper().partition(DELIMITER)[0] not in known:
            close = get_close_matches(variable, known, n=1)
            yield f"{variable} is no setting" + (f"; did you mean {close[0]}?" if close else "")
