"""Fetches a pinned source distribution from the package index that pip is set up to use.

Nothing is built: the archive is only downloaded, checked against its SHA-256 and unpacked.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import ssl
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import dataclass
from html.parser import HTMLParser
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import Request, urlopen

NETWORK_SECONDS = 60
"""How long the index page and the archive may take, both together."""

ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.5, */*;q=0.1"


class UnavailableError(Exception):
    """The distribution cannot be had; the message is one line that says why."""


@dataclass(frozen=True)
class Sdist:
    """One source distribution, pinned."""

    name: str
    version: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def file_name(self) -> str:
        """The archive's name, normalized for comparison."""
        return _normalized(f"{self.name}-{self.version}.tar.gz")


@dataclass(frozen=True)
class Answer:
    """What a URL gave: where it was in the end, of which type, and the bytes."""

    url: str
    media_type: str
    body: bytes


def unpacked(sdist: Sdist, cache: Path) -> Path:
    """The folder the distribution unpacks to, kept below `cache` for the next call."""
    home = cache / f"{sdist.name}-{sdist.version}-{sdist.sha256[:16]}"
    if not home.is_dir():
        _unpack(_archive(sdist), home)
    folders = [entry for entry in home.iterdir() if entry.is_dir()]
    if len(folders) != 1:
        raise UnavailableError(f"{sdist} holds {len(folders)} folders, not one")
    return folders[0]


def _archive(sdist: Sdist) -> bytes:
    """The archive's bytes, downloaded and checked."""
    deadline = time.monotonic() + NETWORK_SECONDS
    body = _get(_archive_url(sdist, deadline), deadline).body
    found = hashlib.sha256(body).hexdigest()
    if found != sdist.sha256:
        raise UnavailableError(f"{sdist} has the SHA-256 {found}, not {sdist.sha256}")
    return body


def _archive_url(sdist: Sdist, deadline: float) -> str:
    """Where the index says the archive is."""
    project = _normalized(sdist.name)
    page = _get(f"{_index_url().rstrip('/')}/{project}/", deadline)
    for url in _file_urls(page):
        if _normalized(PurePosixPath(unquote(urlsplit(url).path)).name) == sdist.file_name:
            return url
    raise UnavailableError(f"the package index lists no source distribution of {sdist}")


def _file_urls(page: Answer) -> list[str]:
    """The absolute URLs of a project page's files, JSON or HTML."""
    if page.media_type.endswith("json"):
        return [urljoin(page.url, url) for url in _json_urls(page.body)]
    links = _Links()
    links.feed(page.body.decode("utf-8", "replace"))
    return [urljoin(page.url, url) for url in links.hrefs]


def _json_urls(body: bytes) -> list[str]:
    """The files' URLs of a project page in JSON."""
    try:
        return [str(file["url"]) for file in json.loads(body)["files"]]
    except (ValueError, KeyError, TypeError) as error:
        raise UnavailableError("the package index answered with malformed JSON") from error


class _Links(HTMLParser):
    """Collects where a page's links go."""

    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take down a link's target."""
        if tag == "a":
            self.hrefs += [value for name, value in attrs if name == "href" and value]


def _get(url: str, deadline: float) -> Answer:
    """What the URL gives, before the deadline."""
    left = max(deadline - time.monotonic(), 0.1)
    try:
        request = Request(url, headers={"Accept": ACCEPT})
        with urlopen(request, timeout=left, context=_tls()) as response:
            body = _body(response, deadline)
            return Answer(response.url, response.headers.get_content_type(), body)
    except (OSError, HTTPException, ValueError) as error:
        raise UnavailableError(_line(f"the package index gives nothing: {error}")) from error


def _body(response: io.BufferedIOBase, deadline: float) -> bytes:
    """A response's bytes, given up when the deadline has passed."""
    body = bytearray()
    while chunk := response.read1(1 << 16):
        body += chunk
        if time.monotonic() > deadline:
            raise TimeoutError(f"it took more than {NETWORK_SECONDS} s")
    return bytes(body)


def _tls() -> ssl.SSLContext:
    """The system's certificates, or those that pip is told to trust."""
    return ssl.create_default_context(cafile=_setting("cert"))


def _index_url() -> str:
    """The index that pip is set up to use, or pip's own default, which its help tells."""
    url = _setting("index-url")
    if url is None:
        told = re.search(r"--index-url .*?\(default:? (\S+)\)", _pip("help", "install"), re.DOTALL)
        url = told and told[1]
    if url is None:
        raise UnavailableError("pip does not tell its package index")
    return url


def _setting(key: str) -> str | None:
    """One of pip's settings; the environment goes before any file, as it does for pip."""
    pattern = re.compile(rf"^(\S+)\.{re.escape(key)}=(['\"])(.*)\2$", re.MULTILINE)
    found = {match[1]: match[3] for match in pattern.finditer(_pip("config", "list"))}
    return found.get(":env:", found.get("install", found.get("global")))


def _pip(*arguments: str) -> str:
    """What pip prints, on lines wide enough for any URL."""
    command = [sys.executable, "-m", "pip", *arguments]
    environment = {**os.environ, "COLUMNS": "1000", "NO_COLOR": "1"}
    try:
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True, timeout=60
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise UnavailableError(_line(f"pip does not run: {error}")) from error


def _unpack(archive: bytes, home: Path) -> None:
    """Unpack beside `home`, then move there in one step; another run may have been first."""
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent) as folder:
        _extract(archive, Path(folder, "unpacked"))
        try:
            Path(folder, "unpacked").rename(home)
        except OSError as error:
            if not home.is_dir():
                raise UnavailableError(_line(f"{home} cannot be written: {error}")) from error


def _extract(archive: bytes, folder: Path) -> None:
    """Write the archive's members, refusing those that leave the folder."""
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
            tar.extractall(folder, filter="data")
    except (OSError, EOFError, tarfile.TarError) as error:
        raise UnavailableError(_line(f"the archive cannot be unpacked: {error}")) from error


def _normalized(name: str) -> str:
    """A name with its separators and case told alike, as the index does."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _line(text: str) -> str:
    """The text on one line."""
    return " ".join(text.split())
