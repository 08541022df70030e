"""JSON and base64 by their C functions alone: every Python function that runs is pages of the snapshot copied."""

import binascii
import json
import json.encoder
import json.scanner
from typing import Any

decode_base64 = binascii.a2b_base64

_make_encoder: Any = vars(json.encoder)["c_make_encoder"]
_scan: Any = vars(json.scanner)["c_make_scanner"](json.JSONDecoder())


def loads(text: str) -> Any:
    """The value of a JSON text that the host wrote: it starts at the first character and is well formed."""
    return _scan(text, 0)[0]


def _refuse(value: object) -> Any:
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def dumps(value: object) -> str:
    """The JSON text of a value; raises TypeError, ValueError (NaN, a cycle) or RecursionError."""
    return "".join(_make_encoder({}, _refuse, _quote, None, ":", ",", False, False, False)(value, 0))


_quote = json.encoder.encode_basestring_ascii
