"""Room for as many connections as the bounds allow: each is an open file to the system."""

import resource

import structlog

log = structlog.get_logger()


def allow_open_files(count: int) -> None:
    """
    Raise this process's limit of open files to *count* where it is lower and the system lets us.

    Many systems begin at 1,024. A server without a file left to open accepts nobody, not even to make another wait.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= count:
        return
    allowed = count if hard == resource.RLIM_INFINITY else min(count, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed < count:
        log.warning("fewer open files than connections may be open", allowed=allowed, wanted=count)
