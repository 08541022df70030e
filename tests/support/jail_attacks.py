"""What native code in a jailed worker would try. Each attack works where there is no jail, and dies in it.

It raises, or it has succeeded. `arg` holds what the test prepared (see `make_world`); `raw` makes a system call by name
or number, `call` calls the C library.
"""

import os
import signal
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Attack:
    """One attempt: `before` runs ahead of the lock, `code` behind it and, with the whole jail on, dies of `death`.

    `root` ones need root. `control=False` ones cannot be let succeed in a test. `special` ones may be refused by
    how a machine was set up, jail or not: containers and hardened kernels do.
    """

    name: str
    code: str
    before: str = ""
    root: bool = False
    control: bool = True
    special: bool = False
    death: signal.Signals = signal.SIGSYS


def _many(codes: dict[str, str], *, root: bool = False, before: str = "") -> list[Attack]:
    return [Attack(name, code, before, root, special=root) for name, code in codes.items()]


FILES = _many(
    {
        "read": "result = open(arg['file']).read()",
        "write": "open(arg['folder'] + '/new', 'w').write('x')",
        "append": "open(arg['file'], 'a').write('x')",
        "truncate": "os.truncate(arg['file'], 5)",
        "list": "result = os.listdir(arg['folder'])",
        "stat": "result = os.stat(arg['file']).st_size",
        "access": "result = os.access(arg['file'], os.R_OK) or 1 / 0",
        "readlink": "result = os.readlink('/proc/self/exe')",
        "chdir": "os.chdir(arg['folder'])",
        "mkdir": "os.mkdir(arg['folder'] + '/made')",
        "rename": "os.rename(arg['file'], arg['file'] + '2'); os.rename(arg['file'] + '2', arg['file'])",
        "link": "os.link(arg['file'], arg['folder'] + '/link'); os.unlink(arg['folder'] + '/link')",
        "symlink": "os.symlink('/etc', arg['folder'] + '/soft')",
        "chmod": "os.chmod(arg['file'], 0o644)",
        "own memory as a file": "os.close(os.open('/proc/self/mem', os.O_RDWR))",
        "memory file": "os.memfd_create('x')",
        "pipe": "os.pipe()",
        "copy of a descriptor": "os.dup(channel.fileno())",
        "watch files": "call('inotify_init1', 0)",
    }
) + _many(
    {
        "make a device": "os.mknod(arg['folder'] + '/disk', 0o060600, os.makedev(8, 0))",
        "chroot": "os.chroot(arg['folder'])",
        "mount": "where = arg['folder'].encode()\n"
        "call('mount', b'tmpfs', where, b'tmpfs', 0, None); call('umount', where)",
    },
    root=True,
)

_SOCKET = "socket.socket(socket.AF_{}, socket.SOCK_{})"
SOCKETS = (
    _many(
        {
            "socket inet": _SOCKET.format("INET", "STREAM"),
            "socket inet6": _SOCKET.format("INET6", "STREAM"),
            "socket udp": _SOCKET.format("INET", "DGRAM"),
            "socket unix": _SOCKET.format("UNIX", "STREAM"),
            "socket netlink": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
            "socket vsock": "socket.socket(40, socket.SOCK_STREAM)",
            "socket pair": "socket.socketpair()",
            "connect tcp": "socket.socket().connect(tuple(arg['tcp']))",
            "connect tcp6": "socket.socket(socket.AF_INET6).connect(tuple(arg['tcp6']))",
            "send udp": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', tuple(arg['udp']))",
            "connect unix path": "socket.socket(socket.AF_UNIX).connect(arg['path'])",
            "connect unix abstract": "socket.socket(socket.AF_UNIX).connect(bytes(1) + arg['abstract'].encode())",
            "listen": "socket.create_server(('127.0.0.1', 0))",
            "send a message with its header": "channel.sendmsg([b'\\n'])",
            "change a socket": "channel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)",
        }
    )
    + _many({"socket raw": "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)"}, root=True)
    + _many({"socket packet": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 768)"}, root=True)
)
# An existing connection that is used with connect() needs a socket made before the lock.
SOCKETS += _many(
    {"connect a socket made before": "s.connect(tuple(arg['tcp']))"}, before="s = socket.socket(); keep.add(s.fileno())"
)

_EXECUTED = "['sh', '-c', 'echo ' + repr('{\"result\": \"executed\"}')]"
_TO_CHANNEL = "os.dup2(channel.fileno(), 1)\nkeep.add(1)\nshell = open('/bin/sh', 'rb').read()"
_CHILD = "pid = {}\nif pid == 0: os._exit(0)\nos.waitpid(pid, 0)"
PROGRAMS = [
    Attack("execve", f"os.execv('/bin/sh', {_EXECUTED})", _TO_CHANNEL),
    Attack(
        "execveat of memory",
        f"fd = os.memfd_create('x')\nos.write(fd, shell)\nos.execve(fd, {_EXECUTED}, {{}})",
        _TO_CHANNEL,
    ),
    Attack(
        "execveat raw",
        "words = (ctypes.c_char_p * 2)(b'true', None)\nraw('execveat', -100, b'/bin/true', words, words, 0)",
        control=False,
    ),
    Attack("fork", _CHILD.format("os.fork()")),
    Attack("clone", _CHILD.format("raw('clone', int(signal.SIGCHLD), 0, 0, 0, 0)")),
    Attack(
        "clone3",
        "a = (ctypes.c_uint64 * 8)(0, 0, 0, 0, int(signal.SIGCHLD))\n" + _CHILD.format("raw(435, ctypes.byref(a), 64)"),
    ),
    Attack("spawn", "os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)"),
    Attack("subprocess", "subprocess.run(['/bin/true'], check=True)"),
    Attack("thread", "threading.Thread(target=int).start()"),
]
# On the parent's own stack: nothing that a test could return from.
PROGRAMS += [Attack("vfork", "raw('vfork')", control=False)] if os.uname().machine == "x86_64" else []

_IOVEC = (
    "local = ctypes.create_string_buffer(30)\n"
    "mine = (ctypes.c_uint64 * 2)(ctypes.addressof(local), 29); other = (ctypes.c_uint64 * 2)(arg['address'], 29)\n"
)
PROCESSES = _many(
    {
        "trace": "call('ptrace', 0x4206, arg['victim'], 0, 0)",
        "read memory": _IOVEC
        + "call('process_vm_readv', arg['victim'], mine, 1, other, 1, 0)\nresult = str(local.value)",
        "write memory": _IOVEC + "call('process_vm_writev', arg['victim'], mine, 1, mine and other, 1, 0)",
        "memory by proc": "f = open(f\"/proc/{arg['victim']}/mem\", 'rb'); f.seek(arg['address']); f.read(29)",
        "environment by proc": "result = len(open(f\"/proc/{arg['victim']}/environ\", 'rb').read())",
        "kill": "os.kill(arg['victim'], signal.SIGURG)",
        "tgkill": "raw('tgkill', arg['victim'], arg['victim'], int(signal.SIGURG))",
        "queue a signal": "call('sigqueue', arg['victim'], int(signal.SIGURG), None)",
        "kill by descriptor": "signal.pidfd_send_signal(os.pidfd_open(arg['victim']), signal.SIGURG)",
        "signal the parent": "os.kill(arg['parent'], 0)",
        "limits of another": "resource.prlimit(arg['victim'], resource.RLIMIT_CORE)",
        "priority of another": "os.setpriority(os.PRIO_PROCESS, arg['victim'], 5)",
        "affinity of another": "os.sched_setaffinity(arg['victim'], os.sched_getaffinity(arg['victim']))",
    }
)

# getpid and return, by the gate of 32-bit programs.
_INT_80 = "b814000000cd80c3"
_RETURN = "c3"
_PAGE = "m = mmap.mmap(-1, 4096, {})\npage = ctypes.addressof(ctypes.c_char.from_buffer(m))\n"
_PRIVATE = "mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS"
_READY = _PAGE.format("mmap.MAP_SHARED, 7") + "m.write(bytes.fromhex({!r}))\nf = ctypes.CFUNCTYPE(ctypes.c_int)(page)"
CODE = [
    *_many(
        {
            "map code": f"mmap.mmap(-1, 4096, {_PRIVATE}, mmap.PROT_READ | mmap.PROT_EXEC)",
            "make memory code": "call('mprotect', page, 4096, 5)",
            "readable implies executable": "call('personality', 0x0400000)",
        },
        before=_PAGE.format(_PRIVATE),
    ),
    Attack("make memory code with a key", "raw('pkey_mprotect', page, 4096, 5, -1)", _PAGE.format(_PRIVATE)),
    Attack("write code", "ctypes.memset(page, 0x90, 1)", _READY.format(_RETURN), death=signal.SIGSEGV),
    Attack("write code after asking for it", "call('mprotect', page, 4096, 7)", _READY.format(_RETURN)),
]
if os.uname().machine == "x86_64":
    CODE += [Attack("32-bit call", "f()", _READY.format(_INT_80), special=True)]
    CODE += [Attack("call of the x32 interface", "raw(0x40000000 | 39)", control=False)]

KERNEL = (
    _many(
        {
            "io_uring": "raw(425, 4, (ctypes.c_uint32 * 30)())",
            "perf_event": "a = (ctypes.c_uint32 * 32)(1, 128); a[10] = 0x60\nraw('perf_event_open', a, 0, -1, -1, 0)",
            "lock that lends its priority": "raw('futex', (ctypes.c_uint32 * 1)(), 6, 0, None, None, 0)",
            "keyring": "raw('keyctl', 0, -3, 1)",
            "own user namespace": "call('unshare', 0x10000000)",
            "shared memory": "call('shmctl', call('shmget', 0, 4096, 0o600 | 0o1000), 0, None)",
            "message queue": "call('msgctl', call('msgget', 0, 0o600 | 0o1000), 0, None)",
            "semaphore": "call('semctl', call('semget', 0, 1, 0o600 | 0o1000), 0, 0)",
            "raise a limit": "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))",
            "be dumpable again": "call('prctl', 4, 1, 0, 0, 0)",
            "ask for the filter": "call('prctl', 21, 0, 0, 0, 0)",
            "capabilities": "call('capget', (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)())",
            "own identity": "os.setresuid(os.getuid(), -1, -1)",
            "shared anonymous memory": "mmap.mmap(-1, 1 << 20)",
            "memory that grows like a stack": "mmap.mmap(-1, 8192, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x0100)",
        }
    )
    + _many(
        {
            "bpf": "a = (ctypes.c_uint32 * 32)(2, 4, 4, 1)\nos.close(raw('bpf', 0, a, 128))",
            "userfaultfd": "os.close(raw('userfaultfd', 0))",
            "be root again": "os.setresuid(0, 0, 0)",
            "other groups": "os.setgroups([0])",
            "host name": "socket.sethostname(socket.gethostname())",
        },
        root=True,
    )
    + [
        Attack(
            "another namespace",
            "call('setns', own, 0x40000000)",
            "own = os.open('/proc/self/ns/net', 0); keep.add(own)",
            True,
        )
    ]
)

KERNEL = [replace(attack, special=True) for attack in KERNEL]

ATTACKS = FILES + SOCKETS + PROGRAMS + PROCESSES + CODE + KERNEL
