from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from moto.server import ThreadedMotoServer

from rising_bsm.marketplace.blobs.store import Blobs

# The server looks at none of them, but they must be there.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """A server that speaks S3, on a port of its own."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where blobs are kept: a new folder, or a new bucket."""
    if request.param == "folder":
        return str(tmp_path / "blobs")
    address, bucket = str(request.getfixturevalue("s3_address")), f"bucket-{uuid4().hex}"
    for name, value in (CREDENTIALS | {"AWS_ENDPOINT_URL": address, "AWS_ALLOW_HTTP": "true"}).items():
        monkeypatch.setenv(name, value)
    httpx.put(f"{address}/{bucket}").raise_for_status()
    return f"s3://{bucket}/plugins/of/ours"


@pytest.fixture
def blobs(place: str) -> Blobs:
    """An empty place."""
    return Blobs.at(place)
