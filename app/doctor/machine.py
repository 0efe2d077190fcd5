"""Checks of the machine: Python, processor, memory, file descriptors.

Each check takes what was read, so that any machine can be tried in a test; `machine_findings` does the reading.
"""

import os
import re
import resource
import sys
from pathlib import Path

from app.doctor.finding import Finding, failed, passed, warned

GIB = 1 << 30
_BESIDES_MODELS = GIB
_FILES_A_CALL = 4
"""Descriptors: the media socket, the trace, two audio files."""
_FILES_BESIDES = 128


def python(version: tuple[int, int]) -> Finding:
    detail = f"{version[0]}.{version[1]}"
    if (3, 11) <= version <= (3, 13):
        return passed("Python", detail)
    return failed("Python", detail, "install Python 3.11, 3.12 or 3.13 and make .venv with it")


def processor(cpuinfo: str) -> Finding:
    """`cpuinfo` is /proc/cpuinfo: its "flags" line on x86, its "Features" line on ARM; empty on other systems."""
    found = re.search(r"^(?:flags|Features)\s*:(.*)$", cpuinfo, re.MULTILINE)
    flags = set(found[1].split()) if found else set()
    if not flags:
        return warned("Processor", "its features could not be read", "measure it: make bench")
    if flags & {"avx512_vnni", "avx_vnni"}:
        return passed("Processor", "VNNI: int8 models run at full speed")
    if "asimddp" in flags:
        return passed("Processor", "ARM dot product: int8 models run at full speed")
    if "avx2" in flags:
        return passed("Processor", "AVX2, without VNNI: int8 models run well, not at full speed")
    return warned("Processor", "neither AVX2 nor ARM dot product: models run slowly", "use a newer machine")


def cores(count: int) -> Finding:
    if count >= 2:
        return passed("Cores", f"{count} usable")
    return warned("Cores", "1 usable: engines and calls share it", "give it two, or lower server.max_calls")


def memory(meminfo: str, models_bytes: int) -> Finding:
    """`meminfo` is /proc/meminfo; empty on other systems."""
    needed = models_bytes + _BESIDES_MODELS
    found = re.search(r"^MemAvailable:\s*(\d+) kB", meminfo, re.MULTILINE)
    if not found:
        return warned("Memory", "free memory could not be read", f"have {_gib(needed)} free")
    available = int(found[1]) * 1024
    detail = f"{_gib(available)} available, {_gib(needed)} needed with these models"
    if available >= needed:
        return passed("Memory", detail)
    return warned("Memory", detail, "free some, or choose smaller models")


def open_files(limit: int, max_calls: int) -> Finding:
    needed = max_calls * _FILES_A_CALL + _FILES_BESIDES
    detail = f"{limit} allowed, {needed} needed for {max_calls} calls"
    if limit >= needed:
        return passed("Open files", detail)
    return warned("Open files", detail, f"ulimit -n {needed}, or LimitNOFILE={needed} in a systemd unit")


def machine_findings(max_calls: int, models_bytes: int) -> list[Finding]:
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return [
        python(sys.version_info[:2]),
        processor(_read("/proc/cpuinfo")),
        cores(usable_cores(_processors(), _read("/sys/fs/cgroup/cpu.max"))),
        memory(_read("/proc/meminfo"), models_bytes),
        open_files(sys.maxsize if limit == resource.RLIM_INFINITY else limit, max_calls),
    ]


def usable_cores(processors: int, cpu_max: str) -> int:
    """`cpu_max` is a container's limit, "<quota or max> <period>" in microseconds; empty where there is none."""
    quota, _, period = cpu_max.strip().partition(" ")
    if quota.isdigit() and period.isdigit() and int(period):
        return max(1, min(processors, int(quota) // int(period)))
    return processors


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _gib(count: int) -> str:
    return f"{count / GIB:.1f} GiB"
