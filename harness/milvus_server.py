"""Start a real Milvus server that nothing else can reach, and run a command with its address."""

import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from harness.databases import TEST_URI

# what else the command is told: the server's folder, and its process
DATA, PID = "SIMILARITY_TEST_MILVUS_DATA", "SIMILARITY_TEST_MILVUS_PID"
SIOCSIFFLAGS, UP_AND_RUNNING = 0x8914, 0x41  # of Linux: <linux/sockios.h>, <net/if.h>


def is_isolated() -> bool:
    """Return whether the loopback is the only network interface."""
    return [name for _, name in socket.if_nameindex()] == ["lo"]


def enable_loopback() -> None:
    """Switch the loopback on, which is off in a new network namespace."""
    with socket.socket() as any_socket:
        request = struct.pack("16sh14x", b"lo", UP_AND_RUNNING)
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, request)


def main(command: list[str]) -> int:
    """Run the command with a server; return its exit code."""
    if not is_isolated():
        print("There are other interfaces than the loopback: run it by unshare -n.")
        return 2
    from milvus import MilvusServer, MilvusServerConfig

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is killed too
    enable_loopback()
    with tempfile.TemporaryDirectory() as folder:
        config = MilvusServerConfig(data_dir=folder)
        if os.environ.get("MILVUS_TOKEN"):
            config.set("common.security.authorizationEnabled", "true")
        server = MilvusServer(config)
        server.start()  # waits until it answers
        try:
            address = f"http://127.0.0.1:{server.listen_port}"
            environment = {TEST_URI: address, DATA: folder, PID: str(server.server_proc.pid)}
            return subprocess.run(command, env=os.environ | environment).returncode
        finally:
            server.server_proc.kill()
            server.server_proc.wait()
            log = Path(folder) / "logs"  # of tens of megabytes, and of no use any more
            print(f"The server's log had {sum(f.stat().st_size for f in log.rglob('*')):,} bytes.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
