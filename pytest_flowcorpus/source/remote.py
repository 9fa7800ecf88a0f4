"""Remote: the repository behind a url, asked for the names and the commits it has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from pytest_flowcorpus.source import errors
from pytest_flowcorpus.source.command import Reply, run
from pytest_flowcorpus.source.errors import SourceUnavailable, printable
from pytest_flowcorpus.source.refusal import refused
from pytest_flowcorpus.source.watch import GitSilent, Progress, watch

_FULL_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository by its url, and how to talk to it.

    Raises ``SourceUnavailable`` for a url that git would take for an option.
    """

    url: str
    hear: Progress
    patience: float
    """Seconds without a word from git after which it is given up."""

    def __post_init__(self) -> None:
        if not self.url or self.url.startswith("-") or not self.url.isprintable():
            raise errors.unavailable(
                repr(self.url), "not the address of a repository", "give a url or a path"
            )

    def at(self, revision: str) -> str:
        """Name ``revision`` of this repository in messages: no credentials, sha shortened."""
        short = revision[:12] if _FULL_SHA.fullmatch(revision) else revision
        return printable(f"{self.url} at {short}")

    def call(self, revision: str, *arguments: str) -> Reply:
        """Run a git command that talks to the remote about ``revision``.

        Raises ``SourceUnavailable`` with the reason when git fails or falls silent.
        """
        try:
            reply = watch(arguments, self._hear_update, self.patience)
        except GitSilent:
            problem = f"git said nothing for {self.patience:g} s and was stopped"
            remedy = "check the network, then run again"
            raise errors.unavailable(self.at(revision), problem, remedy) from None
        if not reply.ok:
            raise refused(self.at(revision), reply.err)
        return reply

    def resolve(self, name: str) -> str:
        """Give the full sha of the commit that the repository calls ``name``.

        ``name`` is a branch, a tag, ``HEAD``, a whole ref (``refs/…``) or a full sha, which is
        not looked up; where the url is a local path also whatever git-rev-parse(1) takes.
        Raises ``SourceUnavailable`` when nothing, or more than one commit, has the name.
        """
        if _FULL_SHA.fullmatch(name):
            return name.lower()
        if not name or name.startswith("-") or not name.isprintable():
            raise self._unknown(name)
        commits = self._advertised(name) or self._parsed(name)
        if len(commits) > 1:
            problem = "both a branch and a tag have this name"
            remedy = f"give refs/heads/{name} or refs/tags/{name}"
            raise errors.unavailable(self.at(name), problem, remedy)
        return commits.pop()

    def _hear_update(self, line: str) -> None:
        # How far it is, and not what git says of refs: they are ours and mean nothing to a user.
        if "%" in line:
            self.hear(line)

    def _advertised(self, name: str) -> set[str]:
        whole = name == "HEAD" or name.startswith("refs/")
        wanted = [name] if whole else [f"refs/heads/{name}", f"refs/tags/{name}"]
        peeled = [f"{ref}^{{}}" for ref in wanted]
        reply = self.call(name, "ls-remote", "--quiet", "--", self.url, *wanted, *peeled)
        lines = reply.out.decode(errors="surrogateescape").splitlines()
        shas = {ref: sha for sha, _, ref in (line.partition("\t") for line in lines)}
        return {shas.get(f"{ref}^{{}}", shas[ref]) for ref in wanted if ref in shas}

    def _parsed(self, name: str) -> set[str]:
        folder = self._local_folder()
        if folder is None:
            raise self._unknown(name)
        asked = ("-C", str(folder), "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        reply = run(*asked, patience=self.patience)
        if not reply.ok:
            raise refused(self.at(name), reply.err) if reply.err else self._unknown(name)
        return {reply.out.decode("ascii").strip()}

    def _local_folder(self) -> Path | None:
        scheme, parted, path = self.url.partition("://")
        if parted and scheme != "file":
            return None
        folder = Path(unquote(path) if parted else self.url)
        return folder if folder.is_absolute() and folder.is_dir() else None

    def _unknown(self, name: str) -> SourceUnavailable:
        problem = "no such revision"
        remedy = "give a branch, a tag or a full sha (short shas and ~n only of a local repository)"
        return errors.unavailable(self.at(name), problem, remedy)


def full_sha(revision: str, remote: Remote) -> str:
    """Give ``revision`` in lower case. Raises ``SourceUnavailable`` when it is no full sha."""
    if not _FULL_SHA.fullmatch(revision):
        problem = "the revision is not a full sha"
        raise errors.unavailable(remote.at(revision), problem, "give all its 40 hex digits")
    return revision.lower()
