"""Over HTTPS the certificate must be that of the name, whatever address is connected to."""

import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from rising_bsm.db import now
from rising_bsm.errors import Error
from support.outside import answer, fetch, make_egress, make_places, outside

pytestmark = pytest.mark.anyio


def make_certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's side and that of a client who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 1, now() - timedelta(1), now() + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "both.pem").write_bytes(pem + secret)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "both.pem")
    return server, ssl.create_default_context(cadata=pem.decode())


async def test_the_certificate_is_checked_for_the_name(tmp_path: Path) -> None:
    server_side, client_side = make_certificate(tmp_path, "outside.example")
    async with outside(certificate=server_side, x=answer(b"here")) as server:
        right, wrong = (f"https://{name}:{server.port}/" for name in ("outside.example", "other.example"))
        egress = make_egress(make_places(right, wrong), certificates=client_side)
        assert (await fetch(egress, f"{right}x")).body == b"here"
        with pytest.raises(Error) as refusal:
            await fetch(egress, f"{wrong}x")
        assert refusal.value.code == "http.failed"
        assert "certificate" in refusal.value.message
        assert len(server.seen) == 1


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    server_side, _ = make_certificate(tmp_path, "outside.example")
    async with outside(certificate=server_side, x=answer()) as server:
        place = f"https://outside.example:{server.port}/"
        with pytest.raises(Error) as refusal:
            await fetch(make_egress(make_places(place)), f"{place}x")
        assert refusal.value.code == "http.failed"
        assert server.seen == []
