"""Serving an instance: a supervisor, one worker process that answers, and an orderly end."""

import asyncio
import os
from functools import partial

from granian.constants import HTTPModes, Interfaces, Loops, RuntimeModes, TaskImpl
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from rising_bsm.accounts.service import FirstAdmin
from rising_bsm.web.address import claimed
from rising_bsm.web.logs import LOGGING, configure_logging
from rising_bsm.web.settings import Settings
from rising_bsm.web.setup import prepare
from rising_bsm.web.worker import Supervisor, load

STOP_SECONDS = 15
"""How long requests may take to end after the instance was told to stop."""

_ACCESS = '%(addr)s "%(method)s %(path)s" %(status)d %(dt_ms).1f ms'


def serve(settings: Settings) -> None:
    """Prepares the instance and serves it until SIGINT or SIGTERM; port 0 means any that is free.

    Prints the first administrator if it was made just now, and the URL once it answers. Raises AddressTaken,
    AddressUnusable, what `prepare` raises, and what keeps the worker from starting as Failed. Exits with status 1
    when the worker keeps dying.
    """
    configure_logging()
    # The data is for this user alone, wherever the folder is.
    os.umask(0o077)
    with claimed(settings.host, settings.port) as (address, port):
        settings = settings.with_port(port)
        if admin := asyncio.run(prepare(settings)):
            print(_greeting(admin), flush=True)
        else:
            settings = settings.begun()
        supervisor = Supervisor()
        try:
            _server(settings, address).serve(target_loader=partial(load, settings, supervisor), wrap_loader=False)
        finally:
            supervisor.raise_failure()


def _greeting(admin: FirstAdmin) -> str:
    password = f"password {admin.password} (shown only now)" if admin.generated else "the password you gave"
    return f"Sign in as {admin.email} with {password}"


def _server(settings: Settings, address: str) -> MPServer:
    return MPServer(
        target=f"{load.__module__}:{load.__name__}",
        address=address,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=1,
        # Measured with both cores busy: HTTP on a thread beside Python's halves the slowest answers.
        runtime_mode=RuntimeModes.mt,
        runtime_threads=1,
        # Measured with 16 clients that create customers: a tenth less of the processor than asyncio's own.
        loop=Loops.uvloop,
        task_impl=TaskImpl.asyncio,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.warning,
        log_dictconfig=LOGGING,
        log_access=settings.access_log,
        log_access_format=_ACCESS,
    )
