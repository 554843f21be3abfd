"""Which version of each data set a run uses: the real one, or what stands in for it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

from grader.datasets.catalog import DatasetCatalog
from grader.errors import DatasetError


@dataclass(frozen=True)
class DataUse:
    """A run of ``parts``, each given by the data sets it reads, with the profile that was asked for.

    A part whose data sets are not all here uses none of the real ones, so one run may use two versions of a data set.
    """

    catalog: DatasetCatalog
    parts: tuple[tuple[str, ...], ...]
    profile: str

    @cached_property
    def _profiles(self) -> dict[str, set[str]]:
        """For each data set the profiles in which it is used."""
        found: dict[str, set[str]] = {}
        for names in self.parts:
            for name in names:
                found.setdefault(name, set()).add(self.catalog.effective_profile(names, self.profile))
        return found

    def real(self) -> tuple[str, ...]:
        """Return the data sets whose real data are used, each once."""
        return tuple(name for name, profiles in self._profiles.items() if "full" in profiles)

    def profile_of(self, name: str) -> str:
        """Return the one profile in which all parts use a data set; raises DatasetError where there are two."""
        profiles = self._profiles[name]
        if len(profiles) > 1:
            missing = " ".join(self.catalog.missing(itertools.chain(*self.parts)))
            raise DatasetError(
                f"some parts would use the real {name} and others, for want of {missing}, not: "
                f"run `grader data fetch {missing}`, or use --profile mini"
            )
        return next(iter(profiles))

    def origins(self) -> dict[str, str]:
        """Return for each data set, in words, which version is used; the place is left out."""
        return {
            name: " and ".join(self._origin(name, each) for each in sorted(profiles))
            for name, profiles in self._profiles.items()
        }

    def lines(self) -> list[str]:
        """Return one line for each version of a data set that is used, with how to get the real one."""
        return [self._line(name, each) for name, profiles in self._profiles.items() for each in sorted(profiles)]

    def _origin(self, name: str, profile: str) -> str:
        if profile == "full" and (source := self.catalog.find(name)):
            return source.version
        return self.catalog[name].about.mini

    def _line(self, name: str, profile: str) -> str:
        source = self.catalog.find(name)
        if profile == "full" and source:
            return f"{name}: {source.version} in {source.origin}"
        hint = ""
        if self.profile == "full":
            hint = f"; `grader data fetch {name}` gets the real one"
            if source:
                beside = itertools.chain(*(names for names in self.parts if name in names))
                hint = f", for want of {', '.join(self.catalog.missing(beside))}"
        return f"{name}: mini ({self.catalog[name].about.mini}{hint})"
