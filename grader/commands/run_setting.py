"""Say before a run which data it uses, and which gates were not calibrated, or were on other data."""

from __future__ import annotations

from collections.abc import Sequence

import click

from grader.calibration import stored
from grader.course.catalog import Part, data_use
from grader.course.part_toml import Setting
from grader.running import devices


def chosen_device(name: str, parts: Sequence[Part]) -> str:
    """Return ``cpu`` or ``cuda`` for ``auto``, ``cpu`` or ``cuda``: a GPU only if one of ``parts`` can use it."""
    can_run_on = {device for part in parts for device in part.config.devices}
    return devices.choose(name, can_run_on, lambda words: click.echo(words, err=True))


def say_what_is_used(parts: Sequence[Part], profile: str, device: str) -> None:
    """Print a line on stderr for each data set in use, and for each part whose gates were not measured on it."""
    for line in data_use(parts, profile).lines():
        click.echo(line, err=True)
    for part in parts:
        setting = part.setting(profile, device)
        if doubt := _doubt(part, setting):
            click.echo(f"{part.identity}: {doubt}; measure them with `{stored.command(part, setting)}`", err=True)


def _doubt(part: Part, setting: Setting) -> str:
    """Return why the gates of a part may be wrong for a setting on this machine; empty if they are right."""
    if not part.config.gates:
        return ""
    measured = stored.read(part, setting)
    if measured is None:
        return f"its gates are not calibrated for {setting.key}"
    if measured.datasets != data_use([part], setting.profile).origins():
        return f"its gates were calibrated on other data ({', '.join(measured.datasets.values())})"
    if extent := stored.extent(part, setting):
        return f"its gates were calibrated for {setting.key} on {extent}"
    return ""
