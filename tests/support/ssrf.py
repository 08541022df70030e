"""A shelf of ways to make a host ask what it must not: addresses, and redirects, each with the code it must get."""

from typing import NamedTuple

BAD = "host.invalid"
REFUSED = "http.address_refused"
NOT_ALLOWED = "http.not_allowed"


class Trick(NamedTuple):
    """An address that a plugin asks for, though its manifest names the very origin."""

    name: str
    url: str
    code: str


# Forms of addresses: those that a manifest could name are refused by their address, the others are no address at all.
ADDRESSES = (
    Trick("loopback", "http://127.0.0.1/", REFUSED),
    Trick("another loopback", "http://127.255.255.254/", REFUSED),
    Trick("loopback with a port", "http://127.0.0.1:22/", REFUSED),
    Trick("short loopback", "http://127.1/", BAD),
    Trick("loopback in three parts", "http://127.0.1/", BAD),
    Trick("octal loopback", "http://0177.0.0.1/", BAD),
    Trick("octal with many zeros", "http://000177.0.0.1/", BAD),
    Trick("hexadecimal loopback", "http://0x7f.0.0.1/", BAD),
    Trick("hexadecimal in one", "http://0x7f000001/", BAD),
    Trick("decimal in one", "http://2130706433/", BAD),
    Trick("octal in one", "http://017700000001/", BAD),
    Trick("overflowing part", "http://127.0.0.257/", BAD),
    Trick("overflowing whole", "http://4294967297/", BAD),
    Trick("hexadecimal without digits", "http://0x/", BAD),
    Trick("loopback with a dot behind", "http://127.0.0.1./", BAD),
    Trick("digits that are not ASCII", "http://\u2460\u2461\u2466.0.0.1/", BAD),
    Trick("full stops that are not ASCII", "http://127\u30020\u30020\u30021/", BAD),
    Trick("zero", "http://0.0.0.0/", REFUSED),
    Trick("zero in one", "http://0/", BAD),
    Trick("private 10", "http://10.0.0.1/", REFUSED),
    Trick("private 172", "http://172.31.255.255/", REFUSED),
    Trick("private 192", "http://192.168.1.1/", REFUSED),
    Trick("carriers", "http://100.64.0.1/", REFUSED),
    Trick("Alibaba's metadata", "http://100.100.100.200/latest/meta-data/", REFUSED),
    Trick("metadata", "http://169.254.169.254/latest/meta-data/", REFUSED),
    Trick("metadata of containers", "http://169.254.170.2/v2/credentials", REFUSED),
    Trick("Oracle's metadata", "http://192.0.0.192/latest/", REFUSED),
    Trick("Azure's host", "http://168.63.129.16/machine/", REFUSED),
    Trick("link-local", "http://169.254.1.1/", REFUSED),
    Trick("benchmarking", "http://198.18.0.1/", REFUSED),
    Trick("documentation", "http://203.0.113.7/", REFUSED),
    Trick("6to4 relay", "http://192.88.99.1/", REFUSED),
    Trick("multicast", "http://224.0.0.1/", REFUSED),
    Trick("reserved", "http://240.0.0.1/", REFUSED),
    Trick("broadcast", "http://255.255.255.255/", REFUSED),
    Trick("IPv6 loopback", "http://[::1]/", REFUSED),
    Trick("IPv6 loopback in full", "http://[0000:0000:0000:0000:0000:0000:0000:0001]/", REFUSED),
    Trick("IPv6 unspecified", "http://[::]/", REFUSED),
    Trick("mapped loopback", "http://[::ffff:127.0.0.1]/", REFUSED),
    Trick("mapped metadata in hexadecimal", "http://[::ffff:a9fe:a9fe]/", REFUSED),
    Trick("mapped public", "http://[::ffff:8.8.8.8]/", REFUSED),
    Trick("compatible loopback", "http://[::127.0.0.1]/", REFUSED),
    Trick("translated loopback", "http://[64:ff9b::7f00:1]/", REFUSED),
    Trick("translated here", "http://[64:ff9b:1::a9fe:a9fe]/", REFUSED),
    Trick("6to4 of private", "http://[2002:a00:1::1]/", REFUSED),
    Trick("Teredo", "http://[2001:0:a00:1::1]/", REFUSED),
    Trick("ORCHID", "http://[2001:20::1]/", REFUSED),
    Trick("IPv6 documentation", "http://[2001:db8::1]/", REFUSED),
    Trick("unique local", "http://[fd12:3456::1]/", REFUSED),
    Trick("Amazon's IPv6 metadata", "http://[fd00:ec2::254]/", REFUSED),
    Trick("IPv6 link-local", "http://[fe80::1]/", REFUSED),
    Trick("IPv6 with a scope", "http://[fe80::1%25lo]/", BAD),
    Trick("site-local", "http://[fec0::1]/", REFUSED),
    Trick("IPv6 multicast", "http://[ff02::1]/", REFUSED),
    Trick("segment routing", "http://[5f00::1]/", REFUSED),
    Trick("IPv6 discard", "http://[100::1]/", REFUSED),
)

# Spellings of addresses whose host another parser takes for another, on top of an allowed http://good.example/v1/.
SPELLINGS = (
    Trick("user name", "http://good.example@127.0.0.1/v1/", BAD),
    Trick("user name with password", "http://good.example:80@127.0.0.1/v1/", BAD),
    Trick("user name before an allowed host", "http://127.0.0.1@good.example/v1/", BAD),
    Trick("backslash before the at sign", "http://good.example\\@127.0.0.1/v1/", BAD),
    Trick("backslash as a slash", "http:\\\\good.example/v1/", BAD),
    Trick("backslash in the path", "http://good.example/v1/\\..\\admin", BAD),
    Trick("encoded host", "http://good%2eexample/v1/", BAD),
    Trick("encoded at sign", "http://good.example%40127.0.0.1/v1/", BAD),
    Trick("tabulator in the host", "http://good.\texample/v1/", BAD),
    Trick("line feed in the host", "http://good.example\n.evil.example/v1/", BAD),
    Trick("header in the path", "http://good.example/v1/ HTTP/1.1\r\nHost: evil.example", BAD),
    Trick("NUL in the path", "http://good.example/v1/\x00", BAD),
    Trick("encoded line feed in the path", "http://good.example/v1/%0d%0aHost:evil", BAD),
    Trick("letters that fold to ASCII", "http://\uff47ood.example/v1/", BAD),
    Trick("soft hyphen", "http://good\u00ad.example/v1/", BAD),
    Trick("fragment", "http://good.example/v1/#@evil.example/", BAD),
    Trick("no host", "http:///v1/", BAD),
    Trick("no slashes", "http:good.example/v1/", BAD),
    Trick("relative", "//good.example/v1/", BAD),
    Trick("port 0", "http://good.example:0/v1/", BAD),
    Trick("port beyond all", "http://good.example:65616/v1/", BAD),
    Trick("empty port", "http://good.example:/v1/", BAD),
    Trick("port with a sign", "http://good.example:+80/v1/", BAD),
    Trick("a file", "file:///etc/passwd", BAD),
    Trick("gopher", "gopher://good.example/v1/", BAD),
    Trick("view of data", "data:text/plain,hello", BAD),
    Trick("upwards", "http://good.example/v1/../admin", BAD),
    Trick("encoded upwards", "http://good.example/v1/%2e%2e/admin", BAD),
    Trick("half encoded upwards", "http://good.example/v1/.%2E/admin", BAD),
    Trick("encoded twice", "http://good.example/v1/%252e%252e/admin", BAD),
    Trick("encoded slash", "http://good.example/v1/..%2fadmin", BAD),
    Trick("encoded backslash", "http://good.example/v1/..%5cadmin", BAD),
    Trick("upwards with parameters", "http://good.example/v1/..;x=1/admin", BAD),
    Trick("half an escape", "http://good.example/v1/%2", BAD),
    Trick("longer than a prefix", "http://good.example/v10/", NOT_ALLOWED),
    Trick("above the prefix", "http://good.example/admin", NOT_ALLOWED),
    Trick("longer host", "http://good.example.evil.example/v1/", NOT_ALLOWED),
    Trick("host within", "http://evilgood.example/v1/", NOT_ALLOWED),
    Trick("below the host", "http://www.good.example/v1/", NOT_ALLOWED),
    Trick("other port", "http://good.example:8080/v1/", NOT_ALLOWED),
    Trick("other scheme", "https://good.example/v1/", NOT_ALLOWED),
)

# Where names lead: each address makes the whole name refused.
LEADING = (
    Trick("to loopback", "127.0.0.1", REFUSED),
    Trick("to metadata", "169.254.169.254", REFUSED),
    Trick("to a private network", "10.1.2.3", REFUSED),
    Trick("to IPv6 loopback", "::1", REFUSED),
    Trick("to mapped loopback", "::ffff:127.0.0.1", REFUSED),
    Trick("to a unique local address", "fd00:ec2::254", REFUSED),
    Trick("to a public address and a private one", "8.8.8.8 192.168.0.1", REFUSED),
    Trick("to a private address and a public one", "::1 2606:4700::1111", REFUSED),
    Trick("to nothing", "", "http.failed"),
)

# What an allowed server answers, as `Location`.
REDIRECTS = (
    Trick("to loopback", "http://127.0.0.1/", NOT_ALLOWED),
    Trick("to metadata", "http://169.254.169.254/latest/meta-data/", NOT_ALLOWED),
    Trick("to a named private host", "http://inside.example/", REFUSED),
    Trick("to another host", "http://evil.example/", NOT_ALLOWED),
    Trick("to another host without a scheme", "//evil.example/", NOT_ALLOWED),
    Trick("to another host by backslashes", "/\\evil.example/", NOT_ALLOWED),
    Trick("to another host by a tabulator", "/\t/evil.example/", NOT_ALLOWED),
    Trick("to another host by three slashes", "///evil.example/", NOT_ALLOWED),
    Trick("to a user name", "http://outside.example@evil.example/", NOT_ALLOWED),
    Trick("to another port", "http://outside.example:1/", NOT_ALLOWED),
    Trick("to another scheme", "https://outside.example/", NOT_ALLOWED),
    Trick("to a file", "file:///etc/passwd", NOT_ALLOWED),
    Trick("to a script", "javascript:alert(1)", NOT_ALLOWED),
    Trick("upwards", "../../admin", NOT_ALLOWED),
    Trick("upwards, encoded", "/allowed/%2e%2e/admin", NOT_ALLOWED),
    Trick("to octal loopback", "http://0177.0.0.1/", NOT_ALLOWED),
    Trick("to mapped loopback", "http://[::ffff:127.0.0.1]/", NOT_ALLOWED),
    Trick("to a half bracket", "http://[::1/", NOT_ALLOWED),
    Trick("in a circle", "/allowed/start", "http.failed"),
)
