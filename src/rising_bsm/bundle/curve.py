"""The check of a public key that somebody else registers: is it a point that only a private key can sign for?

The library that verifies takes any 32 bytes. For a point of small order a signature over every message can be
written down without a private key, and a point with two encodings would be one key with two ids.
The arithmetic is that of RFC 8032, section 5.1.3.
"""

from rising_bsm.bundle.errors import InvalidKey

_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_ASK_AGAIN = "Ask the publisher for the output of `rising-bsm keys list`."

# The y of the points whose order divides eight: 1 has order one, -1 two, 0 four, the long one and its negative eight.
# The two last are 0 and 1 again, not reduced; no other of these y is small enough to fit a second time.
_Y_OF_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER_Y = (1, _P - 1, 0, _Y_OF_ORDER_8, _P - _Y_OF_ORDER_8, _P, _P + 1)
SMALL_ORDER = frozenset((y | sign << 255).to_bytes(32, "little") for y in _SMALL_ORDER_Y for sign in (0, 1))


def check_point(raw: bytes) -> None:
    """Refuse bytes that are not the one encoding of a point on Ed25519 of large order."""
    if len(raw) != 32:
        raise _refused("key.length", f"An Ed25519 public key has 32 bytes, this one has {len(raw)}.", raw)
    if raw in SMALL_ORDER:
        raise _refused("key.small_order", "Anybody can sign for this public key: its point has a small order.", raw)
    y = int.from_bytes(raw, "little") & (1 << 255) - 1
    if y >= _P:
        raise _refused("key.not_canonical", "The public key is not written in its one canonical form.", raw)
    # x² = (y² - 1) / (d·y² + 1) has a root exactly when the product of the two has one.
    product = (y * y - 1) * (_D * y * y + 1) % _P
    if pow(product, (_P - 1) // 2, _P) != 1:
        raise _refused("key.not_on_curve", "The public key is not a point on the curve; a character may be wrong.", raw)


def _refused(code: str, message: str, raw: bytes) -> InvalidKey:
    return InvalidKey(message, code=code, place=f"public key {raw[:32].hex()}", next_step=_ASK_AGAIN)
