"""The data of an assignment as students get it: values in files, or the code that makes a stand-in.

Where the checks read nothing of a data set but values that can be recorded, these go out and the code that made them
stays: it may compute what students are to compute. Of tensors only those go out that checks read: the labels of held
back images stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from grader.datasets.catalog import DatasetCatalog
from grader.datasets.collection import Datasets
from grader.datasets.dataset import About, PretrainedWeights
from grader.datasets.recorded import recorded

SEED = 0  # that of practice: everybody has the same data at home, and no class is graded on them

_FILE = '''\
"""{title}: what lies in data/{name}."""

from pathlib import Path

from grader.datasets.recorded import Recorded

dataset = Recorded(Path(__file__).parents[3] / "data" / {name!r}, title={title!r}, terms={terms!r}, mini={mini!r})
'''


@dataclass(frozen=True)
class DataAtHome:
    """The data sets ``names`` of an assignment; ``read`` says for those that its checks use what they read of them."""

    catalog: DatasetCatalog
    names: Sequence[str]
    read: Mapping[str, set[str]] = field(default_factory=dict)

    @property
    def of_checks(self) -> tuple[str, ...]:
        """The data sets that checks need at home."""
        return tuple(name for name in self.names if name in self.read or self._is_weights(name))

    @property
    def by_code(self) -> tuple[str, ...]:
        """Those of them that code makes at home."""
        return tuple(name for name in self.of_checks if not self._is_recorded(name))

    @cached_property
    def values(self) -> dict[str, dict[str, tuple[str, bytes]]]:
        """The recorded values of each data set, by name: the ending of the file and its content."""
        found: dict[str, dict[str, tuple[str, bytes]]] = {}
        stand_ins = Datasets(self.catalog, "mini", SEED)
        for name in (name for name in self.names if not self._is_weights(name)):
            held = getattr(getattr(stand_ins, name), "__dict__", {})
            files = {attribute: file for attribute, value in held.items() if (file := recorded(value))}
            read = self.read.get(name, set())
            kept = {attribute: file for attribute, file in files.items() if attribute in read or file[0] == ".csv"}
            found |= {name: kept} if kept else {}
        return found

    def about(self, name: str) -> About:
        """Return what a data set says of itself."""
        return self.catalog[name].about

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield path and content of every file, below the folder of the handout."""
        for name, values in self.values.items():
            for attribute, (ending, content) in values.items():
                yield f"data/{name}/{attribute}{ending}", content
        folder = "checks/fixtures/datasets"
        for name in self.by_code:
            for path in self.catalog.code_of(name):
                yield f"{folder}/{path.name}", path.read_bytes()
        for name in (name for name in self.of_checks if name not in self.by_code):
            about = self.about(name)
            text = _FILE.format(name=name, title=about.title, terms=about.terms, mini=about.mini)
            yield f"{folder}/{name}.py", text.encode()

    def _is_weights(self, name: str) -> bool:
        return isinstance(self.catalog[name], PretrainedWeights)

    def _is_recorded(self, name: str) -> bool:
        read = self.read.get(name, set())
        return bool(read) and read <= self.values.get(name, {}).keys()
