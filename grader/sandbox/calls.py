"""Call functions in one worker: encode the arguments, wait, decode the result."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from grader.errors import BrokenConnection, Crashed, SandboxError
from grader.sandbox.explain import end_of_worker, error_in_call, never_had_its_time, out_of_time
from grader.sandbox.loading import Loaded, Search, loaded_from
from grader.sandbox.slot import Slot, Worker, WorkerGone, WorkerSilent
from grader.sandbox.type_names import told_type
from grader.worker.limits import WorkerLimits
from grader.worker.values import Decoder, Encoder
from grader.worker.wire import Buffer, Frame, WireError

# Endings that are not the student's fault.
_FAULTS = {
    "lost": "the sandbox was lost during a call (out of memory?); grade it again",
    "machine": "the machine ran out of memory during a call; grade it again, with fewer --jobs or more memory",
}
_NAMES_ONLY = Search()
_OWNERS = itertools.count()
_SETUP_SECONDS = 120.0  # a fork and its walls take milliseconds on a machine that is not overloaded


@dataclass(frozen=True, slots=True)
class Remote:
    """A value that stays in the worker because it cannot be sent (a module, an optimiser): its type, and a handle."""

    handle: int
    type_name: str
    owner: int

    def __repr__(self) -> str:
        return f"<{self.type_name}>"

    @property
    def words(self) -> str:
        """What it is, in words that may stand in a message: no name that a student chose."""
        return told_type(self.type_name)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call returned, the positional arguments after the call (if echoed), and the seconds it took."""

    value: Any
    arguments: list[Any] | None
    seconds: float


class Calls:
    """Calls functions in one worker.

    ``alive`` is False once a call has ended the worker (a crash of the process, a deadline, a memory limit). ``spent``
    is how many seconds all requests took, without those in which others kept the worker from running.
    """

    def __init__(self, slot: Slot, limits: WorkerLimits) -> None:
        self._worker: Worker = slot.worker(limits)
        self._limits = limits
        self._owner = next(_OWNERS)
        self._gave_remotes = False
        self._parameters: Mapping[str, Sequence[str]] = {}
        self.alive = True
        self.spent = 0.0

    def take_output(self) -> tuple[str, bool]:
        """Return what the student's code printed since the last call of this, and whether some of it was left out."""
        return self._worker.output.take(), self._worker.output.truncated

    def load(
        self,
        files: Mapping[str, bytes],
        module: str,
        entry_points: Mapping[str, Sequence[str]],
        *,
        seed: int,
        seconds: float,
        search: Search = _NAMES_ONLY,
    ) -> Loaded:
        """Write ``files`` (content by relative path), and load the entry points from whichever files they are in.

        ``module`` is the part's own file, empty if there is none; ``entry_points`` maps each name to its aliases, and
        ``search`` says how else to find them. Returns which were found, and where.

        Raises:
            CheckFailure: the student's code failed while it was loaded.
            SandboxError: the worker failed before any of their code ran.
        """
        self._write(files)
        header = {"do": "load", "module": module, "seed": seed, "search": search.message()}
        header["entry_points"] = {name: list(aliases) for name, aliases in entry_points.items()}
        self._parameters = search.parameters
        reply = self._ask(header, (), seconds, f"loading {module or 'your files'}")
        said = self._decode(reply, reply.header["ok"])
        try:
            return loaded_from(said, entry_points, files)
        except msgspec.ValidationError:  # forged: code that is being loaded can write to the channel
            raise self._malformed() from None

    def call(
        self,
        target: str | Remote,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        *,
        seed: int,
        seconds: float,
        echo: bool = False,
    ) -> Answer:
        """Call an entry point or a Remote with values, and return its answer.

        ``seed`` seeds torch, numpy and random before the call. With ``echo`` the answer has the positional arguments as
        the call left them.

        Raises:
            CheckFailure: Crashed, TimedOut, Starved, OutOfMemory or NotImplementedYet, in words for the student.
            SandboxError: the sandbox itself failed.
        """
        encoder = Encoder(self._refuse, self._refuse_size)
        header = {
            "do": "call",
            "target": self._handle_of(target) if isinstance(target, Remote) else target,
            "args": encoder.encode(list(args)),
            "kwargs": encoder.encode(dict(kwargs)),
            "seed": seed,
            "echo": echo,
        }
        before = self.spent
        what = target.words if isinstance(target, Remote) else target
        reply = self._ask(header, encoder.blob(), seconds, what)
        spent = self.spent - before
        arguments = self._decode(reply, reply.header["ok"].get("arguments")) if echo else None
        if echo and not (isinstance(arguments, list) and len(arguments) == len(args)):
            raise self._malformed()
        return Answer(self._value(reply), arguments, spent)

    def read(self, target: Remote, name: str, *, seconds: float) -> Any:
        """Return an attribute of a Remote; raises as :meth:`call` does."""
        reply = self._ask({"do": "read", "target": self._handle_of(target), "name": name}, (), seconds, f".{name}")
        return self._value(reply)

    def constant(self, name: str, *, seconds: float) -> Any:
        """Return a constant of the loaded module, None if it has none of that name; raises as :meth:`call` does."""
        return self._value(self._ask({"do": "constant", "name": name}, (), seconds, name))

    def file(self, path: str, *, seconds: float) -> Any:
        """Return the bytes of a file that the worker wrote, None if there is none; raises as :meth:`call` does."""
        return self._value(self._ask({"do": "file", "path": path}, (), seconds, path))

    def forget(self, *, seconds: float) -> None:
        """Drop every Remote of this worker, so that networks nobody needs any more do not fill its memory."""
        if self._gave_remotes:
            self._ask({"do": "forget"}, (), seconds, "forgetting")
            self._owner, self._gave_remotes = next(_OWNERS), False

    def peak_bytes(self) -> int:
        """Return the most memory the worker has had at once, beside the libraries; 0 if it is gone or not measured."""
        return self._worker.peak_bytes()

    def close(self) -> None:
        """End the worker. Closing it again does nothing."""
        self.alive = False
        self._worker.close()

    def _write(self, files: Mapping[str, bytes]) -> None:
        """Have the worker write the student's files. None of their code has run yet.

        So whatever goes wrong here (a wall that cannot be put up, a full disk) is our fault; the error repeats what the
        worker said.
        """
        encoder = Encoder(self._refuse)
        header = {"do": "write", "files": encoder.encode(dict(files))}
        try:
            reply = self._worker.request(header, encoder.blob(), seconds=_SETUP_SECONDS)
        except (WorkerGone, WorkerSilent):
            words = self._worker.output.text.strip().rpartition("\n")[2] or "it ended"
        else:
            if "error" not in reply.header:
                return
            words = f"the submission's files cannot be written: {reply.header['error']['message']}"
        self.close()
        raise SandboxError(f"a worker could not be set up: {words}; run `grader doctor`, then grade again")

    def _ask(self, header: dict[str, Any], blob: Sequence[Buffer], seconds: float, what: str) -> Frame:
        started, denied = time.monotonic(), self._worker.denied
        try:
            reply = self._worker.request(header, blob, seconds=seconds)
        except WorkerSilent as silent:
            self.alive = False
            raise (never_had_its_time if silent.starved else out_of_time)(what, seconds) from None
        except WorkerGone as gone:
            self.alive = False
            if fault := _FAULTS.get(gone.ending.reason):
                raise SandboxError(fault) from None
            raise end_of_worker(gone, what, self._limits) from None
        finally:
            self.spent += time.monotonic() - started - (self._worker.denied - denied)
        if "error" in reply.header:
            raise error_in_call(
                reply.header["error"],
                what,
                self._limits,
                parameters=self._parameters.get(what, ()),
                while_loading=header["do"] == "load",
            )
        if not isinstance(reply.header.get("ok"), dict):
            raise self._malformed()
        return reply

    def _value(self, reply: Frame) -> Any:
        if "value" not in reply.header["ok"]:
            raise self._malformed()
        return self._decode(reply, reply.header["ok"]["value"])

    def _decode(self, reply: Frame, entry: Any) -> Any:
        try:
            return Decoder(reply.blob, self._remote).decode(entry)
        except WireError:
            raise self._malformed() from None

    def _malformed(self) -> BrokenConnection:
        self.close()
        return BrokenConnection("Your code's process sent an answer that cannot be read.")

    def _remote(self, entry: dict[str, Any]) -> Remote:
        self._gave_remotes = True
        return Remote(int(entry["id"]), str(entry["type"])[:200], self._owner)

    def _handle_of(self, remote: Remote) -> int:
        if remote.owner != self._owner:  # its number may stand for another value by now
            raise Crashed("The process that held this value has ended or has dropped it.")
        return remote.handle

    def _refuse(self, value: Any) -> dict[str, Any]:
        if isinstance(value, Remote):
            return {"$": "handle", "id": self._handle_of(value), "type": value.type_name}
        raise TypeError(f"a check cannot send a {type(value).__name__} to the student's side")

    def _refuse_size(self, value: Any) -> dict[str, Any]:
        """Refuse an argument that is too large or too deep: no check makes one, so the student's code returned it."""
        if isinstance(value, Remote):
            return self._refuse(value)
        raise Crashed("What your code returned is too large, or too deeply nested, to be handed to it again.")
