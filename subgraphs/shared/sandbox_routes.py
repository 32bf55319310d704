"""
The door to sandboxes: for whoever is on the machine, or on the inner network, and nobody else.

A sandbox's routes let anybody pay, sign and read other people's mail. They are there only while a sandbox is; and
should a deployment publish the port by mistake, whoever comes through a proxy or from a public address finds nothing.
"""

from ipaddress import ip_address

from fastapi import APIRouter, Depends, HTTPException, Request

FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "via")
"""What proxies add."""


def _inside_only(request: Request) -> None:
    host = request.client.host if request.client else ""
    if any(name in request.headers for name in FORWARDED) or not _is_inside(host):
        raise HTTPException(404)


def _is_inside(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private


def sandbox_router() -> APIRouter:
    """A router for one sandbox's routes."""
    return APIRouter(dependencies=[Depends(_inside_only)])
