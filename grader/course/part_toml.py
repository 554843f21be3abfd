"""The settings of a part: the contents of its ``part.toml``, and their values for one profile and device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec

from grader.errors import CourseError

V = TypeVar("V")
SettingKey = Literal["mini-cpu", "mini-cuda", "full-cpu", "full-cuda"]

# CUDA maps its kernels and a context into every process; that is not the student's memory.
_CUDA_MEMORY_MB = 8192


class Setting(NamedTuple):
    """The size of the data and where to compute. Gates and problem sizes may differ between settings."""

    profile: str = "mini"
    device: str = "cpu"

    @property
    def key(self) -> str:
        """How ``part.toml`` names it: ``full-cpu``."""
        return f"{self.profile}-{self.device}"

    def nearest(self, table: Mapping[Any, V]) -> V | None:
        """Return a table's entry for this setting, else for the same profile on a CPU, else for mini-cpu."""
        keys = (self.key, f"{self.profile}-cpu", "mini-cpu")
        return next((table[key] for key in keys if key in table), None)


MINI_CPU = Setting()  # what everything is calibrated for, and what holds where nothing else is said


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a student's code may use; ``part.toml`` overrides single fields under ``[limits]``.

    ``call_seconds`` is the wall clock of one call, ``part_seconds`` of all calls of a part together, ``memory_mb`` is
    above what the libraries take, ``reply_mb`` the size of what one call may return: a check may hold two such answers,
    and so the process that grades takes up to 1.5 GB besides its libraries. ``full`` overrides fields for the full
    profile.
    """

    call_seconds: float = 10.0
    load_seconds: float = 20.0
    part_seconds: float = 120.0
    cpu_seconds: float = 40.0
    memory_mb: int = 1024
    processes: int = 64
    file_mb: int = 64
    reply_mb: int = 128
    full: dict[str, int | float] = {}

    def on(self, setting: Setting) -> Limits:
        """Return the limits of a setting; raises CourseError for an unknown field."""
        overrides: dict[str, Any] = dict(self.full) if setting.profile == "full" else {}
        plain = {**msgspec.structs.asdict(self), **overrides, "full": {}}
        try:
            limits = msgspec.convert(plain, Limits)
        except msgspec.ValidationError as error:
            raise CourseError(f"[limits.full]: {error}") from None
        if setting.device == "cuda":
            return msgspec.structs.replace(limits, memory_mb=limits.memory_mb + _CUDA_MEMORY_MB)
        return limits


class Cap(msgspec.Struct, frozen=True, kw_only=True):
    """Less than a part and its checks give; None: what they give.

    Time, for a mutant of a reference whose time is known; memory, where a container has too little.
    """

    call_seconds: float | None = None
    part_seconds: float | None = None
    memory_mb: int | None = None

    def on(self, limits: Limits) -> Limits:
        """Return ``limits`` with no more time for a part and no more memory than this."""
        return msgspec.structs.replace(
            limits,
            part_seconds=min(limits.part_seconds, self.part_seconds or limits.part_seconds),
            memory_mb=min(limits.memory_mb, self.memory_mb or limits.memory_mb),
        )


class Threshold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The terms of a gate in another setting."""

    threshold: float
    k: int
    floor: float | None = None


class Gate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A threshold on a stochastic metric: the best of ``k`` runs must reach it, and none may pass the ``floor``.

    The metric is the function of the same name in the part's check file. ``floor`` is a bound that no honest run can
    pass (the Eckart-Young optimum, say). ``after`` names a gate (that comes after none) whose check must pass first:
    what that one stops never comes here. ``at`` holds other thresholds by setting.
    """

    title: str
    threshold: float
    k: int
    better: Literal["lower", "higher"] = "lower"
    floor: float | None = None
    after: str = ""
    at: dict[SettingKey, Threshold] = {}

    def on(self, setting: Setting) -> Gate:
        """Return the gate with the terms of a setting."""
        other = setting.nearest(self.at) if setting != MINI_CPU else None
        if other is None:
            return msgspec.structs.replace(self, at={})
        return msgspec.structs.replace(self, at={}, threshold=other.threshold, k=other.k, floor=other.floor)

    def reached(self, value: float) -> bool:
        """Return whether one run's metric is good enough; a NaN never is."""
        return value <= self.threshold if self.better == "lower" else value >= self.threshold

    def beyond_floor(self, value: float) -> bool:
        """Return whether a value is better than any honest run can be."""
        if self.floor is None:
            return False
        return value < self.floor if self.better == "lower" else value > self.floor

    def missed(self, value: float) -> bool:
        """Return whether one run does not pass: not good enough, or better than it can be."""
        return not self.reached(value) or self.beyond_floor(value)


class PublishedFigure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A figure known from elsewhere, shown beside ours by ``grader reference``; ours must lie in [low, high].

    With ``profile`` or ``device`` it is a figure of that setting only.
    """

    value: float
    low: float
    high: float
    source: str
    profile: str = ""
    device: str = ""
    ours: bool = False  # measured by us, where nothing right was published

    def applies(self, setting: Setting) -> bool:
        """Return whether it is a figure of this setting."""
        return self.profile in ("", setting.profile) and self.device in ("", setting.device)


class PartConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The contents of ``part.toml``; an unknown key is an error.

    ``aliases`` and ``patterns`` are other names of an entry point, the latter with ``*``; ``files`` are other names of
    the part's file. ``datasets`` are those that the part's checks read (its profile is ``full`` only when all are
    here), ``devices`` where its code can run, ``sizes`` the problem sizes by setting, ``equivalent`` the mutants of the
    reference that are still right, each with the reason.
    """

    title: str
    order: int = 0
    aliases: dict[str, list[str]] = {}
    patterns: dict[str, list[str]] = {}
    files: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    devices: tuple[Literal["cpu", "cuda"], ...] = ("cpu",)
    sizes: dict[SettingKey, dict[str, int | float]] = {}
    limits: Limits = Limits()
    gates: dict[str, Gate] = {}
    published: dict[str, PublishedFigure] = {}
    preload: tuple[str, ...] = ("torch",)
    equivalent: dict[str, str] = {}

    def __post_init__(self) -> None:
        first = [name for name, gate in self.gates.items() if not gate.after]
        for name, gate in self.gates.items():
            if gate.after and gate.after not in first:
                there = f"those that come after none are: {', '.join(first)}" if first else "every gate comes after one"
                raise ValueError(f"gate {name} cannot come after {gate.after!r}; {there}")

    def setting(self, profile: str, device: str) -> Setting:
        """Return the part's setting in a run: mini if it reads no data sets, cpu if it cannot use a GPU."""
        return Setting(profile if self.datasets else "mini", device if device in self.devices else "cpu")

    def gates_on(self, setting: Setting) -> dict[str, Gate]:
        """Return every gate with the terms of a setting."""
        return {name: gate.on(setting) for name, gate in self.gates.items()}

    def sizes_on(self, setting: Setting) -> dict[str, int | float]:
        """Return the problem sizes of a setting by name."""
        return dict(setting.nearest(self.sizes) or {})
