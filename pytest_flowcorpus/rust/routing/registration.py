"""Calls that register a path with a router."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from pytest_flowcorpus.rust.routing.expression import Called
    from pytest_flowcorpus.rust.routing.mounts import Mount

REGISTERING: Final = frozenset(
    (
        *("route", "route_service", "route_with_tsr", "route_service_with_tsr"),
        *("api_route", "api_route_with", "api_route_with_tsr", "api_route_with_tsr_and"),
    )
)
"""Methods that register a path; `api_route_docs` only describes one that is registered elsewhere.

https://docs.rs/axum/latest/axum/struct.Router.html
https://docs.rs/axum-extra/latest/axum_extra/routing/trait.RouterExt.html
https://docs.rs/aide/latest/aide/axum/struct.ApiRouter.html
"""


class Registration(NamedTuple):
    """A call that registers a path, and where its router goes."""

    call: Called
    mount: Mount

    @staticmethod
    def is_one(call: Called) -> bool:
        """Tell whether a call is one by its name, and has a path and what serves it."""
        is_method = call.receiver is not None
        return is_method and call.name in REGISTERING and len(call.arguments) > 1
