import socket

import pytest

from rising_bsm.web.address import AddressTaken, AddressUnusable, claimed


def test_a_claimed_address_is_kept_from_others_and_given_back() -> None:
    with claimed("127.0.0.1", 0) as (address, port):
        assert address == "127.0.0.1"
        assert port > 1023
        with pytest.raises(OSError, match="in use"), socket.socket() as other:
            other.bind((address, port))
    with socket.socket() as other:
        other.bind((address, port))


def test_a_server_that_shares_its_port_finds_it_free() -> None:
    with claimed("127.0.0.1", 0) as (address, port), socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.bind((address, port))
        server.listen()
        socket.create_connection((address, port)).close()


def test_an_address_where_somebody_listens_is_refused_even_if_they_would_share_it() -> None:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with pytest.raises(AddressTaken) as refusal, claimed("127.0.0.1", port):
            pass
    assert refusal.value.place == f"127.0.0.1:{port}"


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host", "-"])
def test_an_address_of_another_machine_is_refused(host: str) -> None:
    with pytest.raises(AddressUnusable), claimed(host, 0):
        pass


def test_a_name_becomes_an_address() -> None:
    with claimed("localhost", 0) as (address, _):
        assert address in ("127.0.0.1", "::1")
