"""What a run says before it starts: which data sets it uses, and which of its gates were never calibrated."""

from __future__ import annotations

from collections.abc import Sequence

import click

from grader import calibration, devices
from grader.catalog import Part
from grader.datasets import sources


def chosen_device(name: str, parts: Sequence[Part]) -> str:
    """Where a run of ``parts`` computes, for ``auto``, ``cpu`` or ``cuda``; a GPU only where one of them can use it."""
    can_run_on = {device for part in parts for device in part.facts.devices}
    return devices.choose(name, can_run_on, lambda words: click.echo(words, err=True))


def announce(parts: Sequence[Part], profile: str, device: str) -> None:
    """One line on stderr for each data set as it is used, and for each part whose gates are another setting's."""
    for line in sources.used([part.facts.datasets for part in parts], profile):
        click.echo(line, err=True)
    for part in parts:
        setting = part.facts.setting(sources.effective_profile(part.facts.datasets, profile), device)
        if setting in calibration.uncalibrated(part):
            repair = calibration.command(part, setting)
            click.echo(
                f"{part.identity}: its gates are not calibrated for {setting.key}; `{repair}` measures them", err=True
            )
