"""Level `uid`: users for slots. What its workers can and cannot do is in test_sandbox_contract and test_hostile."""

import os
import sys

import pytest

from grader.errors import SandboxError
from grader.sandbox import uid


def test_no_two_slots_have_the_same_user_until_one_is_closed(monkeypatch):
    monkeypatch.setattr(uid, "UIDS", range(61184, 61186))
    (first, one), (second, two) = uid._claim_uid(), uid._claim_uid()
    assert {first, second} == {61184, 61185}
    with pytest.raises(SandboxError, match="all 2 users for sandboxes are taken"):
        uid._claim_uid()
    one.close()
    third, three = uid._claim_uid()
    assert third == first
    two.close()
    three.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_closed_folder_above_python_is_named(tmp_path, monkeypatch):
    inside = tmp_path / "closed" / "python"
    inside.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    monkeypatch.setattr(sys, "prefix", str(inside))
    monkeypatch.setattr(sys, "base_prefix", str(inside))
    words = uid.obstacle()  # names the outermost: pytest's own folder is closed too
    assert words.startswith("an unprivileged user cannot enter /")
    assert words.endswith(f", and so not read {inside}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root can become another user")
def test_without_root_it_cannot_be_had():
    assert uid.obstacle() == "only root can become another user"
